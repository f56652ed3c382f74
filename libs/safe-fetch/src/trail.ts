import type { Hop } from './fetch-failure.ts';

/** Notes where a fetch went. Each hop is told when it is over. */
export class Trail {
  readonly #hops: Hop[] = [];
  readonly #onHop: (hop: Hop) => void;

  constructor(onHop: (hop: Hop) => void = () => {}) {
    this.#onHop = onHop;
  }

  get hops(): readonly Hop[] {
    return this.#hops;
  }

  /** The hop before is over, and the next begins. */
  begin(url: string): void {
    this.end();
    this.#hops.push({ url });
  }

  /** Adds to what is known about the hop that goes on. */
  note(facts: Partial<Hop>): void {
    const hop = this.#hops.pop();
    if (hop !== undefined) this.#hops.push({ ...hop, ...facts });
  }

  /** The last hop is over. */
  end(): void {
    const last = this.#hops.at(-1);
    if (last !== undefined) this.#onHop(last);
  }
}
