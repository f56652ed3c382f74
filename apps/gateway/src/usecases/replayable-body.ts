import { MediaError } from '@medley/domain/media-error';
import type { RequestBody } from '../http/parse/request-body.ts';

/** What is kept of a body's beginning: what a connection takes before it can tell that nobody is at its other end. */
const MAX_KEPT_BYTES = 256 * 1024;

/**
 * A request's body, of which the beginning can be sent again: its first 256 KiB are kept until more has gone out. Counts
 * what came, and remembers why its source failed: to a peer that is only a cut connection.
 */
export class ReplayableBody implements AsyncIterable<Uint8Array>, Disposable {
  /** Of the whole body, once it has been read to its end. */
  sizeBytes = 0;
  failure: MediaError | undefined;
  readonly declaredBytes: number | undefined;
  readonly maxBytes: number;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #kept: Uint8Array[] = [];
  /** How many chunks came before those that are kept. */
  #droppedCount = 0;
  #hasEnded = false;
  #reading: Promise<void> | undefined;

  constructor({ declaredBytes, maxBytes, bytes }: RequestBody) {
    this.declaredBytes = declaredBytes;
    this.maxBytes = maxBytes;
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** Whether it can be read from its beginning once more. */
  get isReplayable(): boolean {
    return this.#droppedCount === 0 && this.sizeBytes <= MAX_KEPT_BYTES && this.failure === undefined;
  }

  /** Ends the source, which nobody reads any more; does not wait for a read that is under way. */
  [Symbol.dispose](): void {
    this.#source.return?.().catch(() => {}); // it fails for whoever read it, if for anybody
  }

  /** Leaving the loop does not end the source: somebody may begin anew. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let index = 0; ; index += 1) {
      const chunk = await this.#chunkAt(index);
      if (chunk === undefined) return;
      yield chunk;
      if (this.sizeBytes > MAX_KEPT_BYTES) this.#dropUpTo(index);
    }
  }

  async #chunkAt(index: number): Promise<Uint8Array | undefined> {
    while (!this.#hasEnded && index >= this.#droppedCount + this.#kept.length) {
      // Whoever gave up may have left a read under way: what it brings is the next chunk for whoever came after.
      this.#reading ??= this.#readNext();
      await this.#reading;
    }
    return this.#kept[index - this.#droppedCount];
  }

  async #readNext(): Promise<void> {
    try {
      const next = await this.#source.next();
      if (next.done === true) this.#hasEnded = true;
      else this.#keep(next.value);
    } catch (error) {
      if (error instanceof MediaError) this.failure = error;
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  #keep(chunk: Uint8Array): void {
    this.#kept.push(chunk);
    this.sizeBytes += chunk.byteLength;
  }

  #dropUpTo(index: number): void {
    const count = index + 1 - this.#droppedCount;
    if (count <= 0) return;
    this.#kept.splice(0, count);
    this.#droppedCount += count;
  }
}
