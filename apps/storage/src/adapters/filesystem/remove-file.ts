import { link, lstat, realpath, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './directories.ts';
import { errorCode, forgive } from './fs-errors.ts';
import { toStoredAtMs } from './walk-blobs.ts';

/** Removes one file for good and answers its size; nothing where there is none. */
export async function removeFile(path: string): Promise<number | undefined> {
  return orNothing(async () => {
    await assertReal(dirname(path));
    const { size } = await lstat(path);
    await unlink(path);
    await syncDirectory(dirname(path));
    return size;
  });
}

/**
 * The same, but only for a file that was put at `storedAtMs`. It is moved to `aside` for a last look, so that one that
 * takes its place meanwhile is never the one that goes.
 */
export async function removeFilePutAt(path: string, storedAtMs: number, aside: string): Promise<number | undefined> {
  return orNothing(async () => {
    await assertReal(dirname(path));
    if (toStoredAtMs(await lstat(path)) !== storedAtMs) return undefined;
    await rename(path, aside);
    const moved = await lstat(aside);
    const isTheOne = toStoredAtMs(moved) === storedAtMs;
    // Put between the two looks: back it goes, unless yet another one is there.
    if (!isTheOne) await forgive(['EEXIST'], link(aside, path));
    await rm(aside);
    await syncDirectory(dirname(path));
    return isTheOne ? moved.size : undefined;
  });
}

/** Fails where `path` leads over a symbolic link, with the code that systems give to links that must not be followed. */
export async function assertReal(path: string): Promise<void> {
  if ((await realpath(path)) !== path) throw Object.assign(new Error(`${path} leads over a symbolic link`), { code: 'ELOOP' });
}

async function orNothing(remove: () => Promise<number | undefined>): Promise<number | undefined> {
  try {
    return await remove();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
