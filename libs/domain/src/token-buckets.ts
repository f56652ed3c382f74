/** What somebody wants of one token bucket. */
export interface PermitClaim {
  /** Names the bucket. */
  readonly bucket: string;
  /** What comes back each second. */
  readonly perSecond: number;
  /** The most that it holds; it is full at first. */
  readonly burst: number;
  /** Less than nothing gives back. */
  readonly wanted: number;
  /** Whether less is of use, too: as many whole ones as there are. */
  readonly partial: boolean;
  /** Whether it is granted in any case; the bucket then owes what it has not. */
  readonly forced: boolean;
}

export interface PermitGrant {
  readonly granted: number;
  /** What is left in the bucket; less than nothing where it owes. */
  readonly left: number;
}

interface Level {
  readonly left: number;
  readonly at: number;
}

/** How many buckets are remembered: a few tens of megabytes. */
const MAX_BUCKETS = 100_000;

/**
 * Token buckets in memory, one for each name: what is taken comes back with time. A name is forgotten when so many others
 * were used since it was; its bucket is then full again.
 */
export class TokenBuckets {
  readonly #now: () => number;
  readonly #max: number;
  /** In the order of their last use. */
  readonly #levels = new Map<string, Level>();

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(now: () => number = () => performance.now(), maxBuckets = MAX_BUCKETS) {
    this.#now = now;
    this.#max = maxBuckets;
  }

  /** Takes what is wanted of one bucket, as far as it has it. Never fails. */
  take(claim: PermitClaim): PermitGrant {
    const there = this.#left(claim);
    const granted = grantOf(claim, there);
    const left = Math.min(claim.burst, there - granted);
    this.#keep(claim.bucket, left);
    return { granted, left };
  }

  #left({ bucket, perSecond, burst }: PermitClaim): number {
    const level = this.#levels.get(bucket);
    return level === undefined ? burst : refilled(level.left, { perSecond, burst }, this.#now() - level.at);
  }

  #keep(bucket: string, left: number): void {
    this.#levels.delete(bucket);
    this.#levels.set(bucket, { left, at: this.#now() });
    if (this.#levels.size <= this.#max) return;
    const [oldest] = this.#levels.keys();
    if (oldest !== undefined) this.#levels.delete(oldest);
  }
}

/** What is in a bucket so many milliseconds after there was `left`, if nobody takes of it. */
export function refilled(left: number, { perSecond, burst }: Pick<PermitClaim, 'perSecond' | 'burst'>, ms: number): number {
  return Math.min(burst, left + (ms / 1000) * perSecond);
}

function grantOf({ wanted, partial, forced }: PermitClaim, there: number): number {
  if (forced || wanted <= 0 || there >= wanted) return wanted;
  return partial ? Math.max(0, Math.floor(there)) : 0;
}
