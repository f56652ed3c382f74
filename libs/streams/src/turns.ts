import { MediaError } from '@medley/domain/media-error';

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

  /** Runs `work` when its turn has come. Fails as `take` does. */
  async run<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    using _turn = await this.take(signal);
    return await work();
  }

  /**
   * Takes a turn when it has come; disposing passes it on. Fails with BUSY if too many wait, and with the signal's reason when it
   * aborts meanwhile; either way nobody waits for it any more.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#working < this.#maxWorking) this.#working += 1;
    else await this.#wait(signal);
    return this.#begun();
  }

  /** Takes a turn at once if fewer than `limit` work; fails with BUSY otherwise. */
  takeBelow(limit: number): Disposable {
    if (this.#working >= Math.min(limit, this.#maxWorking)) throw this.busy();
    this.#working += 1;
    return this.#begun();
  }

  /** What those hear who are sent away. */
  busy(): MediaError {
    return new MediaError('BUSY', this.#refusal, { retryAfterMs: RETRY_AFTER_MS });
  }

  #begun(): Disposable {
    return { [Symbol.dispose]: () => this.#passOn() };
  }

  /** Settles when a turn was passed on. Who leaves waits no more at once, or a turn could be passed on to nobody. */
  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw this.busy();
    const turn = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(turn);
      turn.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.add(turn);
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', leave);
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
