import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';

const RETRY_AFTER_MS = 1000;

/** Lets so many work at once, and so many more wait, first come, first served. */
export class Turns {
  readonly #maxWorking: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #working = 0;

  constructor(maxWorking: number, maxWaiting: number) {
    this.#maxWorking = maxWorking;
    this.#maxWaiting = maxWaiting;
  }

  get working(): number {
    return this.#working;
  }

  /** Runs `work` when its turn has come. Fails with BUSY if too many wait, and with the signal's reason when it aborts meanwhile. */
  async run<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    if (this.#working < this.#maxWorking) this.#working += 1;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw new MediaError('BUSY', 'Too many URL previews are being made', { retryAfterMs: RETRY_AFTER_MS });
    const turn = Promise.withResolvers<void>();
    this.#waiting.add(turn);
    try {
      await orAbort(turn.promise, signal);
    } catch (error) {
      // The turn may have come in the same moment; then it goes to the next.
      if (!this.#waiting.delete(turn)) this.#passOn();
      throw error;
    }
  }

  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#working -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.resolve();
  }
}
