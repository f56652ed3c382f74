import { MediaError } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);
/** ENOENT, too: a blob that is not there is told as NOT_FOUND where it is looked for; all else that is missing is the folder itself. */
const UNUSABLE: ReadonlySet<unknown> = new Set([
  'EACCES', 'EIO', 'ELOOP', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS', 'ESTALE',
]);
const RETRY_AFTER_MS = 1000;

/** Turns a file system's failure into the MediaError it means, and logs what an operator has to mend. Passes on whatever it does not know. */
export function toFsMediaError(error: unknown, log: Logger): unknown {
  const code = errorCode(error);
  if (FULL.has(code)) {
    log.error({ err: error }, 'the blob folder is full');
    return new MediaError('STORAGE_FULL', 'There is no space left to store this', { cause: error });
  }
  if (UNUSABLE.has(code)) {
    log.error({ err: error }, 'the blob folder can not be used');
    return new MediaError('SERVICE_UNAVAILABLE', 'Storage is not available', { cause: error, retryAfterMs: RETRY_AFTER_MS });
  }
  return error;
}

/** The code of a failed system call, like `ENOENT`. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Waits for `work`, and forgives the failures whose codes are named. */
export async function forgive(codes: readonly string[], work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!codes.some((code) => code === errorCode(error))) throw error;
  }
}
