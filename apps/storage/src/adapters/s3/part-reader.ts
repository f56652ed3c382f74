import { createHash } from 'node:crypto';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { BlobHasher } from '../../blob-hasher.ts';
import type { MemoryShare } from './memory-share.ts';
import type { UploadShares } from './upload-shares.ts';

/** Some bytes of an object, sent with one request. */
export interface Part {
  readonly blocks: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** The MD5 of its bytes in base64: the checksum that every S3 server verifies (`Content-MD5`). */
  readonly md5: string;
  readonly isLast: boolean;
  /** Gives its memory back, to be used again where its bytes `wereSent`. To be called when they were, or never will be. */
  release(wereSent: boolean): void;
}

/** What an object without a byte is put as. */
export const EMPTY_PART: Part = { blocks: [new Uint8Array()], sizeBytes: 0, md5: '1B2M2Y8AsgTpgAmY7PhCfg==', isLast: true, release: () => {} };

export interface PartOptions {
  readonly partBytes: number;
  /** More than this never comes. */
  readonly maxBytes: number;
  readonly hasher: BlobHasher;
  readonly shares: UploadShares;
}

/** A body of this size costs so little that it needs no share; and whoever trickles has to fill this first. */
const FREE_BYTES = 64 * 1024;

/**
 * Cuts a stream into parts of exactly `partBytes`, but for the last; there is at least one. A part is gathered in a share
 * of memory that goes with it. The next one fills while it is sent where there is memory for both; else once it is
 * released. `hasher` is told of every byte before its part comes.
 */
export async function* readParts(source: ByteStream, { partBytes, maxBytes, hasher, shares }: PartOptions): AsyncGenerator<Part> {
  let filling = new FillingPart(Buffer.allocUnsafeSlow(FREE_BYTES));
  let begunBytes = 0;
  using _unsent = { [Symbol.dispose]: () => filling.share?.release(false) };
  for await (const chunk of source) {
    hasher.update(chunk);
    for (let rest = chunk; rest.byteLength > 0; ) {
      if (filling.sizeBytes === partBytes) {
        begunBytes += partBytes;
        const { share } = filling;
        yield filling.toPart(false);
        filling = new FillingPart();
        filling.share = await shares.takeNext(Math.min(partBytes, maxBytes - begunBytes), share);
      } else if (filling.needsShare) {
        filling.share = await shares.takeNext(Math.min(partBytes, maxBytes));
      }
      rest = rest.subarray(filling.append(rest.subarray(0, partBytes - filling.sizeBytes)));
    }
  }
  yield filling.toPart(true);
}

/** Copies chunks together: keeping them would keep all that they are views of. */
class FillingPart {
  readonly #blocks: Buffer[];
  readonly #md5 = createHash('md5');
  #room: number;
  #sizeBytes = 0;
  /** Where its blocks come from; goes with the part. */
  share: MemoryShare | undefined;

  constructor(...blocks: Buffer[]) {
    this.#blocks = blocks;
    this.#room = blocks[0]?.byteLength ?? 0;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get needsShare(): boolean {
    return this.share === undefined && this.#room === 0;
  }

  /** Takes as much of `chunk` as there is room for in one block, and answers how much. */
  append(chunk: Uint8Array): number {
    if (this.#room === 0 && this.share !== undefined) {
      const block = this.share.takeBlock();
      this.#blocks.push(block);
      this.#room = block.byteLength;
    }
    const taken = chunk.subarray(0, this.#room);
    const block = this.#blocks.at(-1);
    block?.set(taken, block.byteLength - this.#room);
    this.#md5.update(taken);
    this.#room -= taken.byteLength;
    this.#sizeBytes += taken.byteLength;
    this.share?.addGathered(taken.byteLength);
    return taken.byteLength;
  }

  toPart(isLast: boolean): Part {
    const { share } = this;
    this.share = undefined;
    share?.endGathering();
    return {
      blocks: this.#filledBlocks(),
      sizeBytes: this.#sizeBytes,
      md5: this.#md5.digest('base64'),
      isLast,
      release: (wereSent) => share?.release(wereSent),
    };
  }

  #filledBlocks(): readonly Uint8Array[] {
    const last = this.#blocks.at(-1);
    if (last === undefined) return [];
    return [...this.#blocks.slice(0, -1), last.subarray(0, last.byteLength - this.#room)];
  }
}
