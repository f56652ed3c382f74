import { TimeLimit } from '@medley/streams/abort';
import { Turns } from '@medley/streams/turns';

export interface SlotOptions {
  /** How many may work at once. */
  readonly slots: number;
  /** How many may wait beside them. */
  readonly maxQueued: number;
  /** How long one may wait. */
  readonly maxWaitMs: number;
}

/** The right to use a CPU. Beyond a bounded queue callers are told to come back, so that nobody waits in vain. */
export class Slots {
  readonly #options: SlotOptions;
  readonly #turns: Turns;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#turns = new Turns(options.slots, options.maxQueued, 'Too many thumbnails are being made');
  }

  /** How many there are. */
  get total(): number {
    return this.#options.slots;
  }

  get busy(): number {
    return this.#turns.working;
  }

  get queued(): number {
    return this.#turns.waiting;
  }

  /**
   * Takes a slot, first come, first served; disposing gives it back. Fails with BUSY when the queue is full or the wait
   * gets too long, and with the signal's reason when it aborts; either way the place in the queue is free again.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    using limit = new TimeLimit(this.#options.maxWaitMs);
    try {
      return await this.#turns.take(AbortSignal.any([signal, limit.signal]));
    } catch (error) {
      throw limit.hasPassed ? this.#turns.busy() : error;
    }
  }

  /**
   * Takes a slot for work that nobody waits for, if one is free and another stays so; where there is but one, if that
   * is free. Fails with BUSY at once otherwise.
   */
  takeSpare(): Disposable {
    return this.#turns.takeBelow(Math.max(1, this.total - 1));
  }
}
