import type { ByteStream } from '@medley/streams/byte-stream';

/** The bytes of a stream that have come and were not taken yet. It holds as much as its user lets pile up, and one chunk. */
export class ByteWindow {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Buffer;
  #takenBytes = 0;

  /** `before` stands before the stream's own bytes. */
  constructor(source: ByteStream, before: Uint8Array = Buffer.alloc(0)) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#bytes = Buffer.from(before);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** How many were taken so far. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Waits for more; false at the end of the stream. */
  async fill(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#bytes = this.#bytes.byteLength === 0 ? toBuffer(next.value) : Buffer.concat([this.#bytes, next.value]);
    return true;
  }

  /** Removes the first bytes and returns them. */
  take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    this.#takenBytes += taken.byteLength;
    return taken;
  }

  /** Whether the stream ends within so many bytes, all of which are thrown away. */
  async endsWithin(maxBytes: number): Promise<boolean> {
    let left = maxBytes;
    do {
      left -= this.take(this.#bytes.byteLength).byteLength;
      if (left < 0) return false;
    } while (await this.fill());
    return true;
  }
}

function toBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
