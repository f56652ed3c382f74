import { MediaError } from '@medley/domain/media-error';
import { orAbort, TimeLimit } from '@medley/streams/abort';

export interface TurnLimits {
  /** Transfers at once. */
  readonly max: number;
  /** Of these, from one server. */
  readonly maxPerServer: number;
  /** That may wait for their turn. */
  readonly maxQueued: number;
  /** Milliseconds until one that waits is told to come back later. */
  readonly maxWaitMs: number;
}

interface Waiting {
  readonly server: string;
  readonly come: PromiseWithResolvers<void>;
}

const RETRY_AFTER_MS = 1000;

/**
 * Lets so many work at once, first come, first served, but so that servers that keep their callers waiting cannot keep
 * others': of all places, and of those to wait in, only the first half may be had by a server that has one already. So any
 * server that has none gets one at once while fewer than half as many others as there are places hold on to theirs.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #runningCount = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#runningCount;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Waits for a turn, to be disposed of. Fails with BUSY if too many wait or it takes too long, and with the signal's reason when it aborts. */
  async take(server: string, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#mayRun(server)) this.#count(server, 1);
    else await this.#wait(server, signal);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (!isOver) this.#passOn(server);
        isOver = true;
      },
    };
  }

  async #wait(server: string, signal: AbortSignal): Promise<void> {
    if (!this.#mayWait(server)) throw busy();
    const waiting = { server, come: Promise.withResolvers<void>() };
    this.#waiting.add(waiting);
    using limit = new TimeLimit(this.#limits.maxWaitMs);
    try {
      await orAbort(waiting.come.promise, AbortSignal.any([signal, limit.signal]));
    } catch (error) {
      // The turn may have come in the same moment; then it goes to the next.
      if (!this.#waiting.delete(waiting)) this.#passOn(server);
      throw limit.hasPassed && !signal.aborted ? busy() : error;
    }
  }

  #mayRun(server: string): boolean {
    const { max, maxPerServer } = this.#limits;
    const own = this.#running.get(server) ?? 0;
    return own === 0 ? this.#runningCount < max : own < maxPerServer && this.#runningCount < max / 2;
  }

  #mayWait(server: string): boolean {
    const { maxQueued } = this.#limits;
    if (this.#waiting.size < maxQueued / 2) return true;
    return this.#waiting.size < maxQueued && ![...this.#waiting].some((other) => other.server === server);
  }

  #passOn(server: string): void {
    this.#count(server, -1);
    for (const waiting of this.#waiting) {
      if (!this.#mayRun(waiting.server)) continue;
      this.#waiting.delete(waiting);
      this.#count(waiting.server, 1);
      waiting.come.resolve();
    }
  }

  #count(server: string, change: 1 | -1): void {
    const count = (this.#running.get(server) ?? 0) + change;
    if (count === 0) this.#running.delete(server);
    else this.#running.set(server, count);
    this.#runningCount += change;
  }
}

function busy(): MediaError {
  return new MediaError('BUSY', 'Too much media is being fetched', { retryAfterMs: RETRY_AFTER_MS });
}
