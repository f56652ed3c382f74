import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { StoredBlob } from '../../ports/blob-store.ts';
import { writeHashed } from './write-hashed.ts';

/** A blob in the making: a file of its own that becomes visible in one step, or goes away when disposed of. */
export class StagingFile implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string;
  #isPublished = false;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async create(path: string): Promise<StagingFile> {
    return new StagingFile(await open(path, 'wx', 0o600), path);
  }

  /** Writes the whole of `source`; the bytes are durable when it returns. */
  async write(source: ByteStream): Promise<StoredBlob> {
    const stored = await writeHashed(this.#file, source);
    await this.#file.sync();
    return stored;
  }

  /**
   * Moves the file to its place. One that is there already is replaced in the same step: the bytes are the same, but
   * fresh from the hash, and with today's date for those who look for orphans.
   */
  async publish(path: string): Promise<void> {
    await rename(this.#path, path);
    this.#isPublished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    if (this.#isPublished) return;
    // The upload has failed for a reason of its own, maybe the same; what stays behind is swept later.
    await rm(this.#path, { force: true }).catch(() => {});
  }
}
