import { ServerDown } from './media/fetch-failed.ts';

export interface BackoffOptions {
  /** Milliseconds. */
  readonly first: number;
  readonly max: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Between 0 and 1. */
  readonly random?: () => number;
}

/** One try to reach a server. What became of it is said once; disposing of it says that it is not known. */
export interface Attempt extends Disposable {
  /** It answered, whatever it said. */
  succeed(): void;
  /** It did not, or only to say that it cannot. */
  fail(): void;
}

interface Rest {
  readonly failures: number;
  readonly endsAt: number;
  isTried: boolean;
}

/** How many servers are remembered. */
const MAX_SERVERS = 10_000;
/** A rest is up to so much shorter, so that not all come back at once. */
const JITTER = 0.2;

/** Leaves servers alone that do not answer: first for a while, then twice as long, and so on. When that is over one try at a time is let through. */
export class Backoff {
  readonly #rests = new Map<string, Rest>();
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor({ first, max, now = Date.now, random = Math.random }: BackoffOptions) {
    this.#firstMs = first;
    this.#maxMs = max;
    this.#now = now;
    this.#random = random;
  }

  /** How many servers are being left alone. */
  get size(): number {
    return this.#rests.size;
  }

  /** Begins to ask a server. Fails with FETCH_FAILED while it is left alone, or another asks whether it is back. */
  begin(server: string): Attempt {
    const rest = this.#rests.get(server);
    if (rest !== undefined && (rest.isTried || this.#now() < rest.endsAt)) {
      throw new ServerDown(new Error(`It has failed ${rest.failures} times and is left alone until ${new Date(rest.endsAt).toISOString()}`));
    }
    if (rest !== undefined) rest.isTried = true;
    let isOver = false;
    const end = (settle: () => void) => (): void => {
      if (!isOver) settle();
      isOver = true;
    };
    return {
      succeed: end(() => void this.#rests.delete(server)),
      fail: end(() => this.fail(server)),
      [Symbol.dispose]: end(() => {
        if (rest !== undefined) rest.isTried = false;
      }),
    };
  }

  /** A server that had answered fell silent. Of several that go on at once only the first counts. */
  fail(server: string): void {
    const rest = this.#rests.get(server);
    if (rest !== undefined && !rest.isTried && this.#now() < rest.endsAt) return;
    const failures = (rest?.failures ?? 0) + 1;
    const restMs = Math.min(this.#maxMs, this.#firstMs * 2 ** (failures - 1)) * (1 - JITTER * this.#random());
    this.#rests.delete(server);
    this.#rests.set(server, { failures, endsAt: this.#now() + restMs, isTried: false });
    const [oldest] = this.#rests.keys();
    if (this.#rests.size > MAX_SERVERS && oldest !== undefined) this.#rests.delete(oldest);
  }
}
