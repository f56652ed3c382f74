import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SweptStaging } from '../../ports/blob-store.ts';
import { errorCode } from './fs-errors.ts';

/**
 * Removes the files of the staging folder that nobody has written to since `begunBeforeMs`: another process may share
 * it, so younger ones stay. With `dryRun` only counts them.
 */
export async function sweepStaging(folder: string, begunBeforeMs: number, dryRun: boolean): Promise<SweptStaging> {
  let [removedCount, freedBytes] = [0, 0];
  for (const name of await readdir(folder)) {
    const sizeBytes = await removeIfStale(join(folder, name), begunBeforeMs, dryRun);
    if (sizeBytes === undefined) continue;
    removedCount += 1;
    freedBytes += sizeBytes;
  }
  return { removedCount, freedBytes };
}

/** The size of a file that was stale; `undefined` where there is none. */
async function removeIfStale(path: string, begunBeforeMs: number, dryRun: boolean): Promise<number | undefined> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.mtimeMs >= begunBeforeMs) return undefined;
    if (!dryRun) await rm(path);
    return stats.size;
  } catch (error) {
    // Gone in between: another process sweeps, or finished its upload.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
