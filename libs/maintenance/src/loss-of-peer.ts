import { MediaError } from '@medley/domain/media-error';

/** Whether a call failed because its service was lost or too slow, so that the next may do better. */
export function isLossOfPeer(error: unknown): boolean {
  return error instanceof MediaError && (error.reason === 'SERVICE_UNAVAILABLE' || error.reason === 'TIMED_OUT');
}
