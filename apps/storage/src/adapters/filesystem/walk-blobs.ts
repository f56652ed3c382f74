import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOB_FOLDERS, parseBlobPath } from '../../blob-path.ts';
import type { ListedBlob } from '../../ports/blob-store.ts';
import { errorCode } from './fs-errors.ts';

/** Yields every blob below `root` whose path is greater than `after`, in the order of their paths. Whatever is not a blob is passed over. */
export async function* walkBlobs(root: string, after: string): AsyncGenerator<ListedBlob> {
  for (const folder of BLOB_FOLDERS) {
    yield* walk(root, folder, after);
    // Gone, and all in it: that must not look like a store that is empty.
    await lstat(join(root, folder));
  }
}

/** When a file was put, as `list` tells it: to the millisecond. */
export function toStoredAtMs({ mtimeMs }: { readonly mtimeMs: number }): number {
  return Math.floor(mtimeMs);
}

/** The blobs below one folder of `root`; none where there is no such folder any more. */
export async function* walk(root: string, folder: string, after: string): AsyncGenerator<ListedBlob> {
  const entries = await readFolder(join(root, folder));
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && mayHoldAfter(path, after)) yield* walk(root, path, after);
    if (entry.isFile() && path > after) yield* describe(root, path);
  }
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    // The last derived blob has gone, and the folder of its source with it.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function mayHoldAfter(folder: string, after: string): boolean {
  return folder > after || after.startsWith(`${folder}/`);
}

async function* describe(root: string, path: string): AsyncGenerator<ListedBlob> {
  const key = parseBlobPath(path);
  if (key === undefined) return;
  try {
    const stats = await lstat(join(root, path));
    yield { key, sizeBytes: stats.size, storedAtMs: toStoredAtMs(stats) };
  } catch (error) {
    // Deleted since the folder was read.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
