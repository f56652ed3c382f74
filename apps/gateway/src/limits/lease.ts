import { refilled, type PermitClaim, type PermitGrant } from '@medley/domain/token-buckets';

/** A token bucket that all gateways share. */
export interface Bucket {
  readonly name: string;
  /** What comes back each second. */
  readonly perSecond: number;
  /** The most that it holds. */
  readonly burst: number;
}

/**
 * What one gateway may hold of a bucket, and what it may spend of one that is far from empty before it has asked: all that
 * three of them can then be wrong by is 5 %. Of a smaller bucket one permit would be too much.
 */
const PART_AHEAD = 1 / 100;
const LEAST_BURST = 100;
const FAR_FROM_EMPTY = 1 / 2;
/** Below this part of its burst a bucket is near empty, and less is held of it: part of a second's, so that no second has much more than another. */
const NEAR_EMPTY = 1 / 4;
/** After so long an answer does not tell any more how near that is. */
const STALE_MS = 1000;
/** What nobody has used for so long is given back. */
const IDLE_MS = 1000;
/** A bucket that was empty is not asked again before this, unless it fills up sooner. */
const LEAST_QUIET_MS = 10;
/** Slower than this nothing comes back. */
const LEAST_PER_SECOND = 0.001;

/** Told how long there will be nothing, or that it is there. */
type Waiter = (waitMs: number) => void;

/**
 * One gateway's part of a bucket: permits that were taken ahead, to be spent without asking. Of a bucket that is far from empty,
 * as one is of which nothing is known, some are spent before it was asked; it then has to give them, and owes them if it has none.
 */
export class Lease {
  readonly bucket: Bucket;
  readonly #ahead: number;
  readonly #now: () => number;
  readonly #waiting: Waiter[] = [];
  #held = 0;
  /** Of what is held, or was spent, what the bucket has not given yet; less than nothing is to be given back. */
  #owed = 0;
  /** What was in the bucket when it last answered. */
  #left: number;
  #answeredAt: number;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #usedAt: number;
  #isAsking = false;

  constructor(bucket: Bucket, now: () => number) {
    this.bucket = bucket;
    this.#now = now;
    this.#ahead = bucket.burst < LEAST_BURST ? 0 : Math.max(1, Math.floor(bucket.burst * PART_AHEAD));
    this.#left = bucket.burst;
    this.#answeredAt = this.#usedAt = now();
  }

  /** Spends a permit that is held, or that the bucket will have for sure. */
  spend(): boolean {
    this.#usedAt = this.#now();
    if (this.#held < 1) this.#borrow();
    if (this.#held < 1) return false;
    this.#held -= 1;
    return true;
  }

  /** Once for each answer, and only while the last one says that there is plenty. */
  #borrow(): void {
    if (this.#isAsking || this.#owed > 0 || this.#leftNow() < this.bucket.burst * FAR_FROM_EMPTY) return;
    this.#held += this.#ahead;
    this.#owed += this.#ahead;
  }

  /** Whether there is no need to look whether it `isDue`; said of a lease that was just used. */
  get isAmple(): boolean {
    return this.#held >= this.#ahead / 2 && this.#held <= this.#ahead && this.#usedAt - this.#answeredAt < STALE_MS && this.#owed === 0;
  }

  /** Spends what there is no choice about. */
  force(): void {
    if (this.spend()) return;
    this.#owed += 1;
  }

  /** Gives a permit back that was spent. */
  unspend(): void {
    this.#held += 1;
  }

  /** Whether the bucket has to be asked, or told. */
  get isDue(): boolean {
    if (this.#isAsking) return false;
    if (this.isAwaited || this.#owed !== 0) return true;
    const wanted = this.#wanted();
    if (this.#held > 2 * wanted) return true;
    return !this.isIdle && !this.isEmpty && (this.#held < wanted / 2 || this.#now() - this.#answeredAt >= STALE_MS);
  }

  /** Whether it is known that there is nothing. */
  get isEmpty(): boolean {
    return this.#now() < this.#quietUntil;
  }

  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  get isIdle(): boolean {
    return this.#now() - this.#usedAt >= IDLE_MS;
  }

  /** Whether whoever comes next may begin anew, before anybody is asked: the bucket is far from empty as far as is known. */
  get isForgettable(): boolean {
    return this.isIdle && !this.#isAsking && !this.isAwaited && this.#owed === 0 && this.#held === 0 && this.#leftNow() >= this.bucket.burst * FAR_FROM_EMPTY;
  }

  /** Until there is one permit, in milliseconds, if nobody takes of it. */
  get waitMs(): number {
    const missing = Math.max(0, 1 - this.#leftNow());
    return (missing / Math.max(this.bucket.perSecond, LEAST_PER_SECOND)) * 1000;
  }

  /** Waits for one permit of the next answer: 0 if it was spent, else how long there will be none. */
  wait(): Promise<number> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What the bucket is asked for now; `settle` must follow. */
  claim(): readonly PermitClaim[] {
    this.#isAsking = true;
    const { name, perSecond, burst } = this.bucket;
    const base = { bucket: name, perSecond, burst };
    const missing = this.#waiting.length + this.#wanted() - this.#held;
    const owed = this.#owed + Math.min(0, missing);
    this.#held += Math.min(0, missing);
    this.#owed = 0;
    return [
      ...(owed === 0 ? [] : [{ ...base, wanted: owed, partial: false, forced: true }]),
      { ...base, wanted: Math.max(0, missing), partial: true, forced: false },
    ];
  }

  /** Takes the answer to all that `claim` has asked for. */
  settle(grants: readonly PermitGrant[]): void {
    const last = grants.at(-1) ?? { granted: 0, left: 0 };
    this.#isAsking = false;
    this.#held += last.granted;
    this.#left = last.left;
    this.#answeredAt = this.#now();
    const admitted = Math.min(this.#waiting.length, Math.floor(this.#held));
    this.#held -= admitted;
    for (const tell of this.#waiting.splice(0, admitted)) tell(0);
    if (this.#left >= 1) return; // who came meanwhile is part of the next claim
    this.#quietUntil = this.#answeredAt + Math.max(this.waitMs, this.#leastQuietMs());
    for (const tell of this.#waiting.splice(0)) tell(this.waitMs);
  }

  /** How much should be held. */
  #wanted(): number {
    if (this.isIdle) return 0;
    const { perSecond, burst } = this.bucket;
    if (this.#leftNow() >= burst * NEAR_EMPTY) return this.#ahead;
    return Math.min(this.#ahead, Math.max(1, Math.floor(perSecond * PART_AHEAD)));
  }

  #leftNow(): number {
    return refilled(this.#left, this.bucket, this.#now() - this.#answeredAt);
  }

  /** In this time no bucket becomes so full that something is lost. */
  #leastQuietMs(): number {
    const { perSecond, burst } = this.bucket;
    return Math.min(LEAST_QUIET_MS, (burst / 2 / Math.max(perSecond, LEAST_PER_SECOND)) * 1000);
  }
}
