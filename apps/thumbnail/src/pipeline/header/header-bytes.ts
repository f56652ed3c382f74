import { cannotThumbnail } from '../cannot-thumbnail.ts';

/** What a header says, before anything is decoded. */
export interface HeaderSize {
  /** Pixels; of a GIF the least area that holds its screen and every frame. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** At least 1; counting stops one beyond the limit. */
  readonly frames: number;
  /** How often the decoder goes over the picture; 1 but for progressive JPEG. */
  readonly scans: number;
  /** What decoding one frame holds at once, estimated rather high than low. */
  readonly memoryBytes: number;
}

/** Bounded reads of a stranger's bytes: whatever reaches over the end is CANNOT_THUMBNAIL. */
export class HeaderBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(at: number): number {
    return this.#at(at, 1).readUInt8(at);
  }

  u16be(at: number): number {
    return this.#at(at, 2).readUInt16BE(at);
  }

  u16le(at: number): number {
    return this.#at(at, 2).readUInt16LE(at);
  }

  u24le(at: number): number {
    return this.#at(at, 3).readUIntLE(at, 3);
  }

  u32be(at: number): number {
    return this.#at(at, 4).readUInt32BE(at);
  }

  u32le(at: number): number {
    return this.#at(at, 4).readUInt32LE(at);
  }

  i32le(at: number): number {
    return this.#at(at, 4).readInt32LE(at);
  }

  /** Four letters that name a chunk. */
  name(at: number): string {
    return this.#at(at, 4).toString('latin1', at, at + 4);
  }

  /** All of them, for whoever looks beyond the header. */
  get all(): Buffer {
    return this.#bytes;
  }

  /** Where `byte` comes next, from `at` on. */
  find(byte: number, at: number): number {
    const found = this.#bytes.indexOf(byte, at);
    if (found === -1) throw cannotThumbnail('the header does not end');
    return found;
  }

  #at(at: number, bytes: number): Buffer {
    if (at + bytes > this.#bytes.length) throw cannotThumbnail(`the header ends before byte ${at + bytes}`);
    return this.#bytes;
  }
}
