import { MediaError } from '@medley/domain/media-error';
import { orAbort } from './abort.ts';

const RETRY_AFTER_MS = 1000;

/** Lets so many work at once, and so many more wait, first come, first served. */
export class Turns {
  readonly #maxWorking: number;
  readonly #maxWaiting: number;
  readonly #refusal: string;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #working = 0;

  /** `refusal` says to those whom it sends away what there is too much of; strangers may read it. */
  constructor(maxWorking: number, maxWaiting: number, refusal: string) {
    this.#maxWorking = maxWorking;
    this.#maxWaiting = maxWaiting;
    this.#refusal = refusal;
  }

  /** How many work now. */
  get working(): number {
    return this.#working;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
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
    if (this.#waiting.size >= this.#maxWaiting) throw new MediaError('BUSY', this.#refusal, { retryAfterMs: RETRY_AFTER_MS });
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
