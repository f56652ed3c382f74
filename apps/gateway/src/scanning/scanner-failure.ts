import { MediaError } from '@medley/domain/media-error';

const LEAST_RETRY_MS = 1000;

/** Why a file could not be examined, though its bytes can be read. */
export type ScannerTrouble = 'away' | 'busy' | 'failed';

/** The scanner has not said what it makes of a file. */
export class ScannerFailure extends MediaError {
  readonly trouble: ScannerTrouble;

  constructor(trouble: ScannerTrouble, cause: unknown, retryAfterMs = 0) {
    super('SERVICE_UNAVAILABLE', 'Content can’t be examined now', { cause, retryAfterMs: Math.max(LEAST_RETRY_MS, retryAfterMs) });
    this.trouble = trouble;
  }
}

/** The failure of what would ask a scanner that is known to be away, and is not asked before `restMs` have passed. */
export function itRests(restMs: number): ScannerFailure {
  return new ScannerFailure('away', new Error('it did not answer before'), restMs);
}

/** The answer for what must not be had here. It says nothing of what was found. */
export function contentRejected(message = 'This content is not allowed'): MediaError {
  return new MediaError('CONTENT_REJECTED', message);
}
