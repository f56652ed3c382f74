import type { MemoryShare } from './memory-share.ts';
import type { UploadMemory } from './upload-memory.ts';

/** What one upload takes of the memory that all share. */
export class UploadShares {
  /** Aborts with the signal of the upload, and with BUSY when it has to give way to others. */
  readonly signal: AbortSignal;
  readonly #memory: UploadMemory;
  readonly #evicted = new AbortController();

  constructor(memory: UploadMemory, signal: AbortSignal) {
    this.#memory = memory;
    this.signal = AbortSignal.any([signal, this.#evicted.signal]);
  }

  /** A share for the next part. Waits for one only once `sending`, that of the part before, is given back. */
  async takeNext(sizeBytes: number, sending?: MemoryShare): Promise<MemoryShare> {
    const onEvicted = (reason: Error): void => this.#evicted.abort(reason);
    const atOnce = this.#memory.takeIfFree(sizeBytes, onEvicted);
    if (atOnce !== undefined) return atOnce;
    await sending?.released;
    return this.#memory.take(sizeBytes, onEvicted, this.signal);
  }
}
