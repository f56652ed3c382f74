import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@medley/telemetry/logger';
import { forgive } from './fs-errors.ts';

/** No upload takes this long, so what is older belongs to a process that crashed. */
const STALE_MS = 24 * 3_600_000;

/** Removes what crashed processes left in the staging folder; another process may share it, so younger files stay. */
export async function sweepStaging(folder: string, log: Logger): Promise<void> {
  for (const name of await readdir(folder)) {
    // Gone in between: another process sweeps, or finished its upload.
    await forgive(['ENOENT'], removeIfStale(join(folder, name), log));
  }
}

async function removeIfStale(path: string, log: Logger): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isFile() || stats.mtimeMs > Date.now() - STALE_MS) return;
  await rm(path);
  log.info({ path }, 'removed a stale staging file');
}
