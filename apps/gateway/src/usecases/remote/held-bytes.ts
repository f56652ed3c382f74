/** Bytes in order, of which the last are held back for a while. */
export class HeldBytes {
  readonly #chunks: Uint8Array[] = [];
  /** Where in the file the first of them stands. */
  #offset: number;
  /** Where in the file the next one will stand. */
  #end: number;

  constructor(offset: number) {
    this.#offset = offset;
    this.#end = offset;
  }

  /** Where in the file they end. */
  get end(): number {
    return this.#end;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#end += chunk.byteLength;
  }

  /** Gives up those that stand before `limit` in the file. */
  *release(limit: number): Generator<Uint8Array> {
    for (let first = this.#chunks[0]; first !== undefined && this.#offset < limit; first = this.#chunks[0]) {
      const count = Math.min(first.byteLength, limit - this.#offset);
      this.#offset += count;
      if (count === first.byteLength) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(count);
      yield first.subarray(0, count);
    }
  }
}
