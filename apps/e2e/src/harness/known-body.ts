import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Stands in every 64 KiB of a generated body, so that logs can be searched for bytes of bodies. */
export const BODY_SENTINEL = 'medley-body-sentinel';

const BLOCK_BYTES = 64 * 1024;
/** How much is hashed before others get their turn. */
const TURN_BYTES = 4 * 2 ** 20;

/** Bytes whose digest is known. Large ones are never in memory as a whole: they are made anew whenever they are asked for. */
export class KnownBody {
  readonly sizeBytes: number;
  /** Lower-case hex SHA-256. */
  readonly digest: string;
  /** Whether it was given as the bytes of a picture. */
  readonly isPicture: boolean;
  readonly #block: Buffer;

  private constructor(block: Buffer, sizeBytes: number, digest: string, isPicture = false) {
    this.isPicture = isPicture;
    this.#block = block;
    this.sizeBytes = sizeBytes;
    this.digest = digest;
  }

  /** The same bytes for the same seed and size. */
  static async generate(seed: string, sizeBytes: number): Promise<KnownBody> {
    const block = createHash('shake256', { outputLength: BLOCK_BYTES }).update(seed).digest();
    block.write(BODY_SENTINEL, 16);
    return new KnownBody(block, sizeBytes, await digestOf(new KnownBody(block, sizeBytes, '').pieces()));
  }

  /** These bytes of a picture. */
  static picture(bytes: Buffer): KnownBody {
    return new KnownBody(bytes, bytes.byteLength, createHash('sha256').update(bytes).digest('hex'), true);
  }

  /** The bytes from `from` up to but not including `to`, in pieces of at most 64 KiB (of a picture: in one). */
  *pieces(from = 0, to = this.sizeBytes): Generator<Uint8Array> {
    const blockBytes = this.#block.byteLength;
    for (let at = from; at < to; ) {
      const index = Math.floor(at / blockBytes);
      const end = Math.min(to, (index + 1) * blockBytes);
      yield this.#piece(index).subarray(at - index * blockBytes, end - index * blockBytes);
      at = end;
    }
  }

  /** The digest of a part. */
  digestOf(from: number, to: number): Promise<string> {
    return digestOf(this.pieces(from, to));
  }

  #piece(index: number): Buffer {
    if (index === 0) return this.#block;
    const piece = Buffer.from(this.#block);
    piece.writeUInt32BE(index, 0);
    return piece;
  }
}

async function digestOf(pieces: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  let turnBytes = 0;
  for (const piece of pieces) {
    hash.update(piece);
    turnBytes += piece.byteLength;
    if (turnBytes < TURN_BYTES) continue;
    turnBytes = 0;
    await nextTurn();
  }
  return hash.digest('hex');
}
