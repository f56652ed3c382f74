import type { AdaptiveLimit } from './adaptive-limit.ts';

/** What a request takes of the work that may be under way at once, until its response has closed. Not while it only waits for a turn: others may work then. */
export class Place {
  readonly #limit: AdaptiveLimit;
  #isTaken = true;
  #isOver = false;

  /** `limit` counts it already. */
  constructor(limit: AdaptiveLimit) {
    this.#limit = limit;
  }

  /** The request waits, and works on nothing. */
  stepAside(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#limit.end();
  }

  /** The request goes on, whether there is room or not: whatever was let in is never cut. */
  stepBack(): void {
    if (this.#isTaken || this.#isOver) return;
    this.#isTaken = true;
    this.#limit.resume();
  }

  /** The request is over. */
  leave(): void {
    this.stepAside();
    this.#isOver = true;
  }
}
