import type { FileHandle } from 'node:fs/promises';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';

/** What of a spool is read. */
export interface SpoolSpan {
  readonly offset: number;
  /** Absent: to the end. */
  readonly length?: number | undefined;
}

/** How much is read, or reserved, at once. */
const PIECE_BYTES = 64 * 1024;

/**
 * Bytes on their way, in a file without a name: one writes, any number read, each at its own pace, also what has not come
 * yet. It is closed when its owner and all readers have left it.
 */
export class Spool {
  readonly #file: FileHandle;
  readonly #onClose: () => void;
  #sizeBytes = 0;
  #state: 'open' | 'ended' | { readonly error: unknown } = 'open';
  #changed = Promise.withResolvers<void>();
  #users = 1;

  constructor(file: FileHandle, onClose: () => void) {
    this.#file = file;
    this.#onClose = onClose;
  }

  /** What has come so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Returns when the bytes are in the file. One call at a time. Fails with STORAGE_FULL or another error of the disk. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.byteLength - at, this.#sizeBytes + at).catch(toMediaError);
      at += bytesWritten;
    }
    this.#sizeBytes += bytes.byteLength;
    this.#tell();
  }

  /** All has come. */
  end(): void {
    this.#state = 'ended';
    this.#tell();
  }

  /** No more will come; whoever reads fails with this error, even if what it wants is there. */
  fail(error: unknown): void {
    this.#state = { error };
    this.#tell();
  }

  /**
   * Yields the bytes of a span as they come, and ends with the span or the spool. Nobody may begin to read once it is
   * closed. Fails as the spool did, or with the signal's reason. `onProgress` hears how much has come, and may object.
   */
  async *read({ offset, length = Infinity }: SpoolSpan, signal: AbortSignal, onProgress: (sizeBytes: number) => void = () => {}): AsyncGenerator<Uint8Array> {
    const endsAt = offset + length;
    if (this.#users === 0) throw typeof this.#state === 'object' ? this.#state.error : new Error('the spool is closed');
    this.#users += 1;
    try {
      for (let at = offset; at < endsAt; ) {
        signal.throwIfAborted();
        onProgress(this.#sizeBytes);
        if (typeof this.#state === 'object') throw this.#state.error;
        const count = Math.min(PIECE_BYTES, this.#sizeBytes - at, endsAt - at);
        if (count > 0) {
          yield await this.#readAt(at, count);
          at += count;
        } else if (this.#state === 'ended') return;
        else await orAbort(this.#changed.promise, signal);
      }
    } finally {
      this.#leave();
    }
  }

  /** Its owner leaves it. */
  close(): void {
    this.#leave();
  }

  async #readAt(position: number, count: number): Promise<Uint8Array> {
    const piece = Buffer.allocUnsafeSlow(count);
    for (let filled = 0; filled < count; ) {
      const { bytesRead } = await this.#file.read(piece, filled, count - filled, position + filled);
      if (bytesRead === 0) throw new Error('a spool file is shorter than what was written to it');
      filled += bytesRead;
    }
    return piece;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#onClose();
    this.#file.close().catch(() => {}); // it has no name any more, and nothing of it is needed
  }
}

function toMediaError(error: unknown): never {
  const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  if (isFull) throw new MediaError('STORAGE_FULL', 'There is no room for more media', { cause: error });
  throw error;
}
