/** Whoever is slower than this over a whole stall timeout does nothing but hold what others need. */
export const LEAST_BYTES_PER_SECOND = 1024;

/**
 * How long a peer may take for its part: within `stallMs` of our waiting it has to move 1 KiB for each second of them. Only
 * the time counts in which we wait for it, so our own slowness is never laid to its charge. Calls `onTooSlow` once, and
 * nothing after it was disposed of.
 */
export class Pace implements Disposable {
  readonly #stallMs: number;
  readonly #onTooSlow: () => void;
  #leftMs: number;
  #leftBytes: number;
  #waitingSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stallMs: number, onTooSlow: () => void) {
    this.#stallMs = stallMs;
    this.#onTooSlow = onTooSlow;
    this.#leftMs = stallMs;
    this.#leftBytes = leastBytesIn(stallMs);
  }

  /** From now on it is the peer's turn. */
  wait(): void {
    this.#waitingSince = performance.now();
    this.#timer = setTimeout(this.#onTooSlow, this.#leftMs);
  }

  /** So much has come of it; now it is our turn. */
  moved(sizeBytes: number): void {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#waitingSince;
    this.#leftBytes -= sizeBytes;
    if (this.#leftBytes > 0) return;
    this.#leftMs = this.#stallMs;
    this.#leftBytes = leastBytesIn(this.#stallMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** What has to move within so many milliseconds; at least one byte. */
export function leastBytesIn(ms: number): number {
  return Math.max(1, (ms / 1000) * LEAST_BYTES_PER_SECOND);
}
