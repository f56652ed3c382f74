import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOB_FOLDERS, parseBlobPath } from '../../blob-path.ts';
import type { ListedBlob } from '../../ports/blob-store.ts';
import { errorCode } from './fs-errors.ts';

/** Yields every blob below `root` whose path is greater than `after`, in the order of their paths. Whatever is not a blob is passed over. */
export async function* walkBlobs(root: string, after: string): AsyncGenerator<ListedBlob> {
  for (const folder of BLOB_FOLDERS) yield* walk(root, folder, after);
}

async function* walk(root: string, folder: string, after: string): AsyncGenerator<ListedBlob> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && mayHoldAfter(path, after)) yield* walk(root, path, after);
    if (entry.isFile() && path > after) yield* describe(root, path);
  }
}

function mayHoldAfter(folder: string, after: string): boolean {
  return folder > after || after.startsWith(`${folder}/`);
}

async function* describe(root: string, path: string): AsyncGenerator<ListedBlob> {
  const key = parseBlobPath(path);
  if (key === undefined) return;
  try {
    const { size, mtimeMs } = await lstat(join(root, path));
    yield { key, sizeBytes: size, storedAtMs: Math.floor(mtimeMs) };
  } catch (error) {
    // Deleted since the folder was read.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
