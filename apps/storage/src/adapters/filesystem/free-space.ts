import { statfs } from 'node:fs/promises';
import { MediaError } from '@medley/domain/media-error';
import type { ByteStream } from '@medley/streams/byte-stream';

/** What was seen, less what has been written since, is believed for so long; others write to the same disk. */
const BELIEVED_MS = 250;
/** Copies leave so many times as much as originals: the last room belongs to what can't be had again. */
const COPIES_LEAVE = 2;

/** What somebody wants to write. */
export interface SpaceWanted {
  /** Whether it could be had again: fetched from its server, or made anew. */
  readonly isCopy: boolean;
  /** If that is known. */
  readonly declaredBytes: number | undefined;
}

/**
 * Keeps some of a file system free, so that uploads and copies never fill a disk that others live on, too. What streams have
 * taken and not written yet, a MiB each, may go beyond.
 */
export class FreeSpace {
  readonly #path: string;
  readonly #leaveBytes: number;
  #freeBytes = 0;
  #seenAt = Number.NEGATIVE_INFINITY;

  /** Of the file system that `path` is on, `leaveBytes` stay free; 0 looks at nothing. */
  constructor(path: string, leaveBytes: number) {
    this.#path = path;
    this.#leaveBytes = leaveBytes;
  }

  /** Passes bytes on while there is room for them. Fails with STORAGE_FULL before the first, or in the middle. */
  guard(source: ByteStream, { isCopy, declaredBytes = 0 }: SpaceWanted): ByteStream {
    const leaveBytes = this.#leaveBytes * (isCopy ? COPIES_LEAVE : 1);
    return leaveBytes === 0 ? source : this.#guard(source, leaveBytes, declaredBytes);
  }

  async *#guard(source: ByteStream, leaveBytes: number, declaredBytes: number): AsyncGenerator<Uint8Array> {
    await this.#require(leaveBytes, declaredBytes);
    for await (const chunk of source) {
      this.#freeBytes -= chunk.byteLength;
      await this.#require(leaveBytes, 0);
      yield chunk;
    }
  }

  async #require(leaveBytes: number, wantedBytes: number): Promise<void> {
    const hasRoom = (): boolean => this.#freeBytes - wantedBytes >= leaveBytes;
    if (performance.now() - this.#seenAt > BELIEVED_MS || !hasRoom()) await this.#look();
    if (!hasRoom()) throw new MediaError('STORAGE_FULL', 'There is no space left to store this');
  }

  async #look(): Promise<void> {
    // of a disk that is away the write itself tells more
    const seen = await statfs(this.#path).catch(() => undefined);
    this.#freeBytes = seen === undefined ? Infinity : seen.bavail * seen.bsize;
    this.#seenAt = performance.now();
  }
}
