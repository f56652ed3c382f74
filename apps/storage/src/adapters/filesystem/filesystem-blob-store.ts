import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, readdir, realpath, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readFileRange } from '@medley/byte-lane/read-file';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { faultPoint } from '@medley/fault-points/fault-point';
import { limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Logger } from '@medley/telemetry/logger';
import { abortable } from '@medley/streams/abortable';
import { BLOB_FOLDERS, OWNER_FOLDER, STAGING_FOLDER, toBlobPath, toDerivedFolder } from '../../blob-path.ts';
import type { BlobVerifier } from '../../blob-verifier.ts';
import type { BlobLocation, ListedBlob, OwnableStore, PutOptions, StoredBlob, SweptStaging } from '../../ports/blob-store.ts';
import { isWhole, rangeWithin } from '../../range-within.ts';
import { STALE_STAGING_MS } from '../../staging-age.ts';
import { Directories, syncDirectory } from './directories.ts';
import { FreeSpace } from './free-space.ts';
import { errorCode, forgive, toFsMediaError } from './fs-errors.ts';
import { assertReal, removeFile, removeFilePutAt } from './remove-file.ts';
import { StagingFile } from './staging-file.ts';
import { sweepStaging } from './sweep-staging.ts';
import { walk, walkBlobs } from './walk-blobs.ts';

const PUBLISH_ATTEMPTS = 10;

/** Opens the blob folder at `path`, makes it if need be, and clears away what a crash left. Of its disk `minFreeBytes` stay free. */
export async function openFilesystemBlobStore(path: string, log: Logger, verifier: BlobVerifier, minFreeBytes = 0): Promise<OwnableStore> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const root = await realpath(path);
  await syncDirectory(dirname(root));
  const directories = new Directories(root);
  for (const folder of [...BLOB_FOLDERS, STAGING_FOLDER]) await directories.ensure(join(root, folder));
  const swept = await sweepStaging(join(root, STAGING_FOLDER), Date.now() - STALE_STAGING_MS, false);
  if (swept.removedCount > 0) log.info(swept, 'removed stale staging files');
  return new FilesystemBlobStore({ root, directories, space: new FreeSpace(root, minFreeBytes) }, log, verifier);
}

interface Folder {
  readonly root: string;
  readonly directories: Directories;
  readonly space: FreeSpace;
}

/** Blobs as files in one folder. No path below it may lead over a symbolic link, so nothing outside is read or written. */
class FilesystemBlobStore implements OwnableStore {
  readonly #root: string;
  readonly #directories: Directories;
  readonly #space: FreeSpace;
  readonly #log: Logger;
  readonly #verifier: BlobVerifier;

  constructor({ root, directories, space }: Folder, log: Logger, verifier: BlobVerifier) {
    this.#root = root;
    this.#directories = directories;
    this.#space = space;
    this.#log = log;
    this.#verifier = verifier;
  }

  put(source: ByteStream, { maxBytes, derivedKey, declaredBytes, isCopy = derivedKey !== undefined }: PutOptions, signal: AbortSignal): Promise<StoredBlob> {
    return this.#translate(async () => {
      await using staged = await StagingFile.create(this.#newStagingPath());
      const bytes = this.#space.guard(limitBytes(abortable(source, signal), maxBytes), { isCopy, declaredBytes });
      const stored = await staged.write(bytes);
      await faultPoint('storage.put.staged');
      await this.#publish(staged, this.#pathOf(derivedKey ?? originalKey(stored.digest)));
      await faultPoint('storage.put.copied');
      return stored;
    });
  }

  async *open(key: BlobKey, range: ByteRange | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      signal.throwIfAborted();
      const file = await this.#find(this.#pathOf(key));
      const bytes = readFileRange(this.#pathOf(key), rangeWithin(range, file.sizeBytes), signal);
      const mustVerify = key.derivation === '' && isWhole(range, file.sizeBytes);
      yield* mustVerify ? this.#verifier.pass(bytes, { digest: key.digest, ...file }) : bytes;
    } catch (error) {
      throw toFsMediaError(error, this.#log);
    }
  }

  stat(key: BlobKey, signal: AbortSignal): Promise<number> {
    return this.#translate(async () => {
      signal.throwIfAborted();
      return (await this.#find(this.#pathOf(key))).sizeBytes;
    });
  }

  verify(digest: Digest, signal: AbortSignal): Promise<StoredBlob> {
    return this.#translate(async () => {
      const path = this.#pathOf(originalKey(digest));
      const file = await this.#find(path);
      return this.#verifier.examine(readFileRange(path, rangeWithin(undefined, file.sizeBytes), signal), { digest, ...file });
    });
  }

  delete(key: BlobKey, signal: AbortSignal, storedAtMs?: number): Promise<number | undefined> {
    return this.#translate(async () => {
      signal.throwIfAborted();
      const path = this.#pathOf(key);
      const freedBytes = await (storedAtMs === undefined ? removeFile(path) : removeFilePutAt(path, storedAtMs, this.#newStagingPath()));
      // The last derived blob takes its source's folder with it.
      if (key.derivation !== '') await removeIfEmpty(dirname(path));
      if (freedBytes === undefined) await this.#assertThere();
      return freedBytes;
    });
  }

  deleteDerived(digest: Digest, signal: AbortSignal): Promise<number> {
    return this.#translate(async () => {
      const folder = toDerivedFolder(digest);
      let freedBytes = 0;
      for await (const { key } of walk(this.#root, folder, '')) {
        signal.throwIfAborted();
        freedBytes += (await removeFile(this.#pathOf(key))) ?? 0;
      }
      await removeIfEmpty(join(this.#root, folder));
      await this.#assertThere();
      return freedBytes;
    });
  }

  sweepStaging(begunBeforeMs: number, dryRun: boolean): Promise<SweptStaging> {
    return this.#translate(() => sweepStaging(join(this.#root, STAGING_FOLDER), begunBeforeMs, dryRun));
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

  async locatePublic(): Promise<undefined> {
    // Files have no URLs.
  }

  check(): Promise<void> {
    return this.#translate(() => access(join(this.#root, STAGING_FOLDER), constants.W_OK));
  }

  owners(): Promise<readonly string[]> {
    return this.#translate(async () => {
      try {
        return await readdir(join(this.#root, OWNER_FOLDER));
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  claim(owner: string): Promise<void> {
    return this.#translate(async () => {
      const folder = join(this.#root, OWNER_FOLDER);
      await this.#directories.ensure(folder);
      await writeFile(join(folder, owner), '');
      await syncDirectory(folder);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It keeps nothing open.
  }

  #pathOf(key: BlobKey): string {
    return join(this.#root, toBlobPath(key));
  }

  async #find(path: string): Promise<FoundFile> {
    try {
      const [{ size, mtimeNs, ino }] = await Promise.all([lstat(path, { bigint: true }), assertReal(path)]);
      return { sizeBytes: Number(size), stamp: `${mtimeNs} ${size} ${ino}` };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await this.#assertThere();
      throw new MediaError('NOT_FOUND', 'No such blob', { cause: error });
    }
  }

  /** A disk that is away holds no blob, but says nothing about any. */
  async #assertThere(): Promise<void> {
    await access(join(this.#root, STAGING_FOLDER));
  }

  #newStagingPath(): string {
    return join(this.#root, STAGING_FOLDER, randomUUID());
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

  async #translate<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw toFsMediaError(error, this.#log);
    }
  }
}

interface FoundFile {
  readonly sizeBytes: number;
  readonly stamp: string;
}

async function removeIfEmpty(folder: string): Promise<void> {
  await forgive(['ENOENT', 'ENOTEMPTY'], rmdir(folder));
}
