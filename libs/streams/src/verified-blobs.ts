/** How many are remembered. */
const MAX_KNOWN = 100_000;

interface Verified {
  readonly stamp: string;
  readonly at: number;
}

/** Remembers which blobs were found to be what their digest says, so that not every read pays for hashing. */
export class VerifiedBlobs {
  readonly #againAfterMs: number;
  readonly #now: () => number;
  readonly #known = new Map<string, Verified>();

  /** `againAfterMs`: how long a finding is believed; 0 believes none. */
  constructor(againAfterMs: number, now: () => number = Date.now) {
    this.#againAfterMs = againAfterMs;
    this.#now = now;
  }

  /** Whether these bytes were verified lately. `blob` names them, with their store; `stamp` is whatever changes when the stored bytes do: an ETag, a file's times. */
  has(blob: string, stamp: string): boolean {
    const known = this.#known.get(blob);
    return known !== undefined && known.stamp === stamp && this.#now() - known.at < this.#againAfterMs;
  }

  add(blob: string, stamp: string): void {
    this.#known.delete(blob);
    this.#known.set(blob, { stamp, at: this.#now() });
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
