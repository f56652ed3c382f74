import { MediaError } from '@medley/domain/media-error';

const RETRY_AFTER_MS = 1000;
/** SQLite's primary result codes (the low byte of the extended ones). */
const BUSY = 5;
const LOCKED = 6;
const IO_ERROR = 10;
const FULL = 13;
const CANT_OPEN = 14;

/** Whether another process is in the way for the moment. */
export function isLocked(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** Turns what SQLite throws into what the port promises. Whatever else it is, is a bug and stays as it is. */
export function translateSqliteError(error: unknown): unknown {
  switch (primaryCode(error)) {
    case BUSY:
    case LOCKED:
    case IO_ERROR:
    case CANT_OPEN:
      return new MediaError('SERVICE_UNAVAILABLE', 'The metadata store is not available', { cause: error, retryAfterMs: RETRY_AFTER_MS });
    case FULL:
      return new MediaError('STORAGE_FULL', 'The metadata store is full', { cause: error });
    default:
      return error;
  }
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
