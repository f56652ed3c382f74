import { constants } from 'node:fs';
import { access, lstat, mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readFileRange } from '@medley/byte-lane/read-file';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import { limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import { abortable } from '@medley/streams/abortable';
import { BLOB_FOLDERS, STAGING_FOLDER, toBlobPath } from '../../blob-path.ts';
import type { BlobLocation, BlobStore, ListedBlob, PutOptions, StoredBlob } from '../../ports/blob-store.ts';
import { rangeWithin } from '../../range-within.ts';
import { Directories, syncDirectory } from './directories.ts';
import { errorCode, forgive, toFsMediaError } from './fs-errors.ts';
import { StagingFile } from './staging-file.ts';
import { sweepStaging } from './sweep-staging.ts';
import { walkBlobs } from './walk-blobs.ts';

const PUBLISH_ATTEMPTS = 10;

/** Opens the blob folder at `path`, makes it if need be, and clears away what a crash left. */
export async function openFilesystemBlobStore(path: string, log: Logger): Promise<BlobStore> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const root = await realpath(path);
  await syncDirectory(dirname(root));
  const directories = new Directories(root);
  for (const folder of [...BLOB_FOLDERS, STAGING_FOLDER]) await directories.ensure(join(root, folder));
  await sweepStaging(join(root, STAGING_FOLDER), log);
  return new FilesystemBlobStore(root, directories, log);
}

/** Blobs as files in one folder. No path below it may lead over a symbolic link, so nothing outside is read or written. */
class FilesystemBlobStore implements BlobStore {
  readonly #root: string;
  readonly #directories: Directories;
  readonly #log: Logger;

  constructor(root: string, directories: Directories, log: Logger) {
    this.#root = root;
    this.#directories = directories;
    this.#log = log;
  }

  put(source: ByteStream, { maxBytes, derivedKey }: PutOptions, signal: AbortSignal): Promise<StoredBlob> {
    return this.#translate(async () => {
      await using staged = await StagingFile.create(join(this.#root, STAGING_FOLDER));
      const stored = await staged.write(limitBytes(abortable(source, signal), maxBytes));
      await this.#publish(staged, this.#pathOf(derivedKey ?? originalKey(stored.digest)));
      return stored;
    });
  }

  async *open(key: BlobKey, range: ByteRange | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      const sizeBytes = await this.stat(key, signal);
      yield* readFileRange(this.#pathOf(key), rangeWithin(range, sizeBytes), signal);
    } catch (error) {
      throw toFsMediaError(error, this.#log);
    }
  }

  stat(key: BlobKey, signal: AbortSignal): Promise<number> {
    return this.#translate(async () => {
      signal.throwIfAborted();
      return await sizeOf(this.#pathOf(key));
    });
  }

  delete(key: BlobKey, signal: AbortSignal): Promise<void> {
    return this.#translate(async () => {
      signal.throwIfAborted();
      const path = this.#pathOf(key);
      await forgive(['ENOENT'], this.#remove(path));
      if (key.derivation === '') return;
      // The last derived blob takes its source's folder with it.
      await forgive(['ENOENT', 'ENOTEMPTY'], rmdir(dirname(path)));
    });
  }

  async *list(after: BlobKey | undefined, signal: AbortSignal): AsyncGenerator<ListedBlob> {
    try {
      for await (const blob of walkBlobs(this.#root, after === undefined ? '' : toBlobPath(after))) {
        signal.throwIfAborted();
        yield blob;
      }
    } catch (error) {
      throw toFsMediaError(error, this.#log);
    }
  }

  async locate(key: BlobKey): Promise<BlobLocation> {
    return { kind: 'path', path: this.#pathOf(key) };
  }

  check(): Promise<void> {
    return this.#translate(() => access(join(this.#root, STAGING_FOLDER), constants.W_OK));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It keeps nothing open.
  }

  #pathOf(key: BlobKey): string {
    return join(this.#root, toBlobPath(key));
  }

  async #publish(staged: StagingFile, path: string): Promise<void> {
    const folder = dirname(path);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#directories.ensure(folder);
        await assertReal(folder);
        await staged.publish(path);
        break;
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === PUBLISH_ATTEMPTS) throw error;
        // A deletion has removed the folder since it was made.
        this.#directories.forget();
      }
    }
    // Gone again: deleted by somebody who came later.
    await forgive(['ENOENT'], syncDirectory(folder));
  }

  async #remove(path: string): Promise<void> {
    const folder = dirname(path);
    await assertReal(folder);
    await unlink(path);
    await syncDirectory(folder);
  }

  async #translate<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw toFsMediaError(error, this.#log);
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const [stats] = await Promise.all([lstat(path), assertReal(path)]);
    return stats.size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new MediaError('NOT_FOUND', 'No such blob', { cause: error });
    throw error;
  }
}

/** Fails where `path` leads over a symbolic link, with the code that systems give to links that must not be followed. */
async function assertReal(path: string): Promise<void> {
  if ((await realpath(path)) !== path) throw Object.assign(new Error(`${path} leads over a symbolic link`), { code: 'ELOOP' });
}
