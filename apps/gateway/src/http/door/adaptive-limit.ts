const SHRINK = 0.8;
const SHRINK_EVERY_MS = 100;
/** By a sixth in each second, asked every 20 ms. */
const GROWTH = 1.003;

/** From this part of the limit on it is what holds others back. */
const NEARLY = 0.8;

/**
 * How many may work at once, where only experience tells how many can be borne: a fifth less at once whenever it was too much,
 * and slowly more while it is not, beyond where it began only if more are needed. So those for whom there is no room are told so here, where it costs next to nothing, and
 * whoever does the work is kept just full.
 */
export class AdaptiveLimit {
  readonly #max: number;
  readonly #first: number;
  #limit: number;
  #running = 0;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  /** Begins at `first`, and is never more than `max`. */
  constructor(max: number, first = max) {
    this.#max = max;
    this.#first = Math.min(first, max);
    this.#limit = this.#first;
  }

  /** How many there may be now. */
  get now(): number {
    return Math.floor(this.#limit);
  }

  /** Whether one more may begin; then `end` has to follow. */
  begin(): boolean {
    if (this.#running >= this.now) return false;
    this.#running += 1;
    return true;
  }

  /** One more goes on that began before, though there may be no room; then `end` has to follow, too. */
  resume(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
  }

  /** It was too much, but so few as `least` are never too many. Many say so at once, who are one reason to have less. */
  shrink(least: number): void {
    const now = performance.now();
    if (this.#running <= least || now - this.#shrunkAt < SHRINK_EVERY_MS) return;
    this.#shrunkAt = now;
    this.#limit = Math.min(this.#limit, Math.max(least, Math.min(this.#limit, this.#running) * SHRINK));
  }

  /** It is not too much; to be said every 20 ms. */
  grow(): void {
    const isNeeded = this.#limit < this.#first || this.#running >= this.#limit * NEARLY;
    if (isNeeded) this.#limit = Math.min(this.#max, this.#limit * GROWTH);
  }
}
