import { MediaError } from '@medley/domain/media-error';

const RETRY_AFTER_MS = 1000;

/** The refusal of an upload whose bytes are just being removed. */
export function beingRemoved(): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'These bytes are being removed; send them again', { retryAfterMs: RETRY_AFTER_MS });
}
