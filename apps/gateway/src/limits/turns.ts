import type { RateLimitsConfig } from '@medley/config/rate-limits';
import type { MediaError } from '@medley/domain/media-error';
import { orAbort, TimeLimit } from '@medley/streams/abort';
import type { Refusals } from './refusals.ts';

interface Line {
  running: number;
  /** Told when it is their turn, in the order in which they came. */
  readonly waiting: (() => void)[];
}

/** Who has work done in turns. */
export interface TurnTaker {
  /** Each name has turns of its own. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Told when it has to wait, and when it does so no more. */
  readonly place?: { stepAside(): void; stepBack(): void } | undefined;
}

const RETRY_AFTER_MS = 1000;

/**
 * Lets each have so much work done at once; what else he wants waits its turn here, so that the work of others, of which
 * there is less, does not wait behind it.
 */
export class Turns {
  readonly #limits: RateLimitsConfig['thumbnails'];
  readonly #refusals: Refusals;
  readonly #lines = new Map<string, Line>();

  constructor(limits: RateLimitsConfig['thumbnails'], refusals: Refusals) {
    this.#limits = limits;
    this.#refusals = refusals;
  }

  /** What `work` makes, once it is its turn. Fails with RATE_LIMITED where too much waits for the taker's name, or for too long, and with the reason of its signal. */
  async run<Value>(taker: TurnTaker, work: () => Promise<Value>): Promise<Value> {
    if (this.#limits.at_once === 0) return work();
    await this.#enter(taker);
    try {
      return await work();
    } finally {
      this.#leave(taker.name);
    }
  }

  async #enter({ name, signal, place }: TurnTaker): Promise<void> {
    const line = this.#lines.get(name) ?? { running: 0, waiting: [] };
    this.#lines.set(name, line);
    if (line.running < this.#limits.at_once) {
      line.running += 1;
      return;
    }
    if (line.waiting.length >= this.#limits.max_waiting) throw this.#refuse();
    const { promise, resolve } = Promise.withResolvers<void>();
    line.waiting.push(resolve);
    place?.stepAside();
    using limit = new TimeLimit(this.#limits.max_wait);
    try {
      await orAbort(promise, AbortSignal.any([signal, limit.signal]));
    } catch (error) {
      const at = line.waiting.indexOf(resolve);
      if (at < 0) this.#leave(name); // the turn came in the same moment
      else line.waiting.splice(at, 1);
      throw limit.hasPassed ? this.#refuse() : error;
    } finally {
      place?.stepBack();
    }
  }

  #refuse(): MediaError {
    return this.#refusals.make('thumbnails_at_once', RETRY_AFTER_MS, 'Too many thumbnails at once');
  }

  /** The turn goes to whoever waits longest, without anybody coming between. */
  #leave(name: string): void {
    const line = this.#lines.get(name);
    if (line === undefined) return;
    const next = line.waiting.shift();
    if (next !== undefined) return next();
    line.running -= 1;
    if (line.running === 0) this.#lines.delete(name);
  }
}
