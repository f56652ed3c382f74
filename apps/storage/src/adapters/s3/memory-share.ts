import type { MediaError } from '@medley/domain/media-error';

/** Memory is handed out in pieces that can be used again: leaving that to the garbage collector would take twice as much. */
const BLOCK_BYTES = 256 * 1024;

/** The right to gather one part and to hold it until it has been sent. */
export class MemoryShare {
  readonly #spareBlocks: Buffer[];
  readonly #blocks: Buffer[] = [];
  readonly #onEvicted: (reason: MediaError) => void;
  readonly #released = Promise.withResolvers<void>();
  readonly #takenAt = performance.now();
  #onRelease: (() => void) | undefined;
  #gatheredBytes = 0;
  #isGathering = true;

  /** `spareBlocks`: those that nobody uses, common to all shares. */
  constructor(spareBlocks: Buffer[], onEvicted: (reason: MediaError) => void, onRelease: () => void) {
    this.#spareBlocks = spareBlocks;
    this.#onEvicted = onEvicted;
    this.#onRelease = onRelease;
  }

  /** Settles once it has been given back. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Another piece of its memory, to be filled. */
  takeBlock(): Buffer {
    const block = this.#spareBlocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#blocks.push(block);
    return block;
  }

  addGathered(sizeBytes: number): void {
    this.#gatheredBytes += sizeBytes;
  }

  /** From now on its pace is the store's, not the sender's. */
  endGathering(): void {
    this.#isGathering = false;
  }

  /** How fast it fills; infinitely where that does not matter, or is not known yet. */
  bytesPerMs(knownAfterMs: number): number {
    const sinceMs = performance.now() - this.#takenAt;
    return this.#isGathering && sinceMs >= knownAfterMs ? this.#gatheredBytes / sinceMs : Infinity;
  }

  evict(reason: MediaError): void {
    this.#isGathering = false;
    this.#onEvicted(reason);
  }

  /** Gives it back; may be called again. Its blocks may be filled anew only where nothing still reads them: where they `wereSent`. */
  release(wereSent: boolean): void {
    if (wereSent && this.#onRelease !== undefined) this.#spareBlocks.push(...this.#blocks);
    this.#onRelease?.();
    this.#onRelease = undefined;
    this.#released.resolve();
  }
}
