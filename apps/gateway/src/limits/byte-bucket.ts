import { LRUCache } from 'lru-cache';

/** How much may be taken. */
export interface ByteRate {
  /** What comes back each second. */
  readonly bytes_per_second: number;
  /** What may be taken at once; 0: no limit. */
  readonly burst: number;
}

interface Level {
  readonly bytes: number;
  readonly at: number;
}

/** How many are remembered; whoever took something longest ago is forgotten first, and could take all again. */
const MAX_BUCKETS = 100_000;

/**
 * Leaky buckets, one for each name: taking bytes fills one, time empties it. It may be filled beyond its brim by what turns
 * out to be larger than it seemed; then nothing more can be taken until that has run off.
 */
export class ByteBuckets {
  readonly #rate: ByteRate;
  readonly #now: () => number;
  readonly #levels: LRUCache<string, Level>;

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(rate: ByteRate, now: () => number = () => performance.now(), maxBuckets = MAX_BUCKETS) {
    this.#rate = rate;
    this.#now = now;
    this.#levels = new LRUCache({ max: maxBuckets });
  }

  /** How many bytes may be taken now; 0 or less where there is no room. */
  room(name: string): number {
    return this.#rate.burst === 0 ? Number.POSITIVE_INFINITY : this.#rate.burst - this.#level(name);
  }

  /** Takes bytes, or gives them back where there are fewer than none. */
  take(name: string, bytes: number): void {
    if (this.#rate.burst === 0) return;
    this.#levels.set(name, { bytes: Math.max(0, this.#level(name) + bytes), at: this.#now() });
  }

  /** When there will be room for so many bytes, in milliseconds from now; for more than can ever be taken at once, when all is empty. */
  waitMs(name: string, bytes: number): number {
    const missing = Math.min(bytes, this.#rate.burst) - this.room(name);
    return missing <= 0 ? 0 : Math.ceil((missing / Math.max(1, this.#rate.bytes_per_second)) * 1000);
  }

  #level(name: string): number {
    const level = this.#levels.get(name);
    if (level === undefined) return 0;
    return Math.max(0, level.bytes - ((this.#now() - level.at) / 1000) * this.#rate.bytes_per_second);
  }
}
