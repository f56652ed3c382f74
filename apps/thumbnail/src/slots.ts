import { MediaError } from '@medley/domain/media-error';

export interface SlotOptions {
  /** How many may work at once. */
  readonly slots: number;
  /** How many may wait beside them. */
  readonly maxQueued: number;
  /** How long one may wait. */
  readonly maxWaitMs: number;
}

const RETRY_AFTER_MS = 1000;

/** The right to use a CPU. Beyond a bounded queue callers are told to come back, so that nobody waits in vain. */
export class Slots {
  readonly #options: SlotOptions;
  readonly #queue = new Set<PromiseWithResolvers<void>>();
  #busy = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get total(): number {
    return this.#options.slots;
  }

  get busy(): number {
    return this.#busy;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /**
   * Takes a slot, first come, first served; disposing gives it back. Fails with BUSY when the queue is full or the wait
   * gets too long, and with the signal's reason when it aborts; either way the place in the queue is free again.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#busy < this.#options.slots) this.#busy += 1;
    else await this.#wait(signal);
    return { [Symbol.dispose]: () => this.#release() };
  }

  /**
   * Takes a slot for work that nobody waits for, if one is free and another stays so; where there is but one, if that
   * is free. Fails with BUSY at once otherwise.
   */
  takeSpare(): Disposable {
    if (this.#busy >= Math.max(1, this.#options.slots - 1)) throw busy();
    this.#busy += 1;
    return { [Symbol.dispose]: () => this.#release() };
  }

  /** Settles when a slot was handed over. Who leaves is out of the queue at once, or a slot could be handed to nobody. */
  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#queue.size >= this.#options.maxQueued) throw busy();
    const turn = Promise.withResolvers<void>();
    const leave = (reason: unknown): void => {
      this.#queue.delete(turn);
      turn.reject(reason);
    };
    const onAbort = (): void => leave(signal.reason);
    const timer = setTimeout(() => leave(busy()), this.#options.maxWaitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#queue.add(turn);
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    }
  }

  #release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#busy -= 1;
      return;
    }
    this.#queue.delete(next);
    next.resolve();
  }
}

function busy(): MediaError {
  return new MediaError('BUSY', 'Too many thumbnails are being made', { retryAfterMs: RETRY_AFTER_MS });
}
