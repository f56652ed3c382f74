import { createHash, type Hash } from 'node:crypto';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { BlobHasher } from '../../blob-hasher.ts';

/** Some bytes of an object, sent with one request. */
export interface Part {
  readonly bytes: Uint8Array;
  /** Their MD5 in base64: the checksum that every S3 server verifies (`Content-MD5`). */
  readonly md5: string;
  readonly isLast: boolean;
}

/** A small body takes this much memory; a larger one a few steps more. */
const FIRST_BYTES = 64 * 1024;
const GROWTH = 4;

/**
 * Cuts a stream into parts of exactly `partBytes`, but for the last; there is at least one. A part's bytes stay valid
 * until the part after the next is asked for, so one can be sent while the next fills, in the memory of two. `hasher` is
 * told of every byte before its part comes.
 */
export async function* readParts(source: ByteStream, partBytes: number, hasher: BlobHasher): AsyncGenerator<Part> {
  let filling = new PartBuffer(partBytes, Math.min(FIRST_BYTES, partBytes));
  let spare: PartBuffer | undefined;
  for await (const chunk of source) {
    hasher.update(chunk);
    for (let rest = chunk; rest.byteLength > 0; ) {
      if (filling.isFull) {
        yield filling.toPart(false);
        [filling, spare] = [spare ?? new PartBuffer(partBytes, partBytes), filling];
        filling.clear();
      }
      rest = rest.subarray(filling.append(rest));
    }
  }
  yield filling.toPart(true);
}

/** Copies chunks together: keeping them would keep all that they are views of. Grows as it is filled. */
class PartBuffer {
  readonly #maxBytes: number;
  #bytes: Buffer;
  #length = 0;
  #md5: Hash = createHash('md5');

  constructor(maxBytes: number, firstBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Buffer.allocUnsafeSlow(firstBytes);
  }

  get isFull(): boolean {
    return this.#length === this.#maxBytes;
  }

  /** Takes as much of `chunk` as there is room for, and answers how much. */
  append(chunk: Uint8Array): number {
    const taken = chunk.subarray(0, this.#maxBytes - this.#length);
    this.#makeRoom(this.#length + taken.byteLength);
    this.#bytes.set(taken, this.#length);
    this.#md5.update(taken);
    this.#length += taken.byteLength;
    return taken.byteLength;
  }

  toPart(isLast: boolean): Part {
    return { bytes: this.#bytes.subarray(0, this.#length), md5: this.#md5.copy().digest('base64'), isLast };
  }

  clear(): void {
    this.#length = 0;
    this.#md5 = createHash('md5');
  }

  #makeRoom(neededBytes: number): void {
    if (neededBytes <= this.#bytes.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(neededBytes, GROWTH * this.#bytes.byteLength), this.#maxBytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
