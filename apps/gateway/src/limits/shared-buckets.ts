import { orAbort } from '@medley/streams/abort';
import { LRUCache } from 'lru-cache';
import type { PermitSource } from './permit-source.ts';
import { Lease, type Bucket } from './lease.ts';

/** How many buckets one gateway has a part of at once; of one that is forgotten the part is lost, which is little. */
const MAX_LEASES = 50_000;
/** How long what nobody waits for is gathered before it is asked for. */
const GATHER_MS = 50;
const TIDY_MS = 500;

/**
 * Token buckets that all gateways share, with a part of each taken ahead, so that as a rule nobody waits. What is spent was
 * given before, but for a little of what is known to be far from empty. See ADR 18.
 */
export class SharedBuckets implements Disposable {
  readonly #source: Pick<PermitSource, 'take'>;
  readonly #now: () => number;
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_LEASES });
  /** Those of which something is to be asked. */
  readonly #due = new Set<Lease>();
  readonly #tidying: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  #isUrgent = false;

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(source: Pick<PermitSource, 'take'>, now: () => number = () => performance.now()) {
    this.#source = source;
    this.#now = now;
    this.#tidying = setInterval(() => this.tidy(), TIDY_MS).unref();
  }

  /** Spends a permit if one is here; asks nobody. */
  trySpend(bucket: Bucket): boolean {
    const lease = this.#leaseOf(bucket);
    const isSpent = lease.spend();
    if (!lease.isAmple) this.#order(lease);
    return isSpent;
  }

  /** Spends a permit: 0, or how many milliseconds there will be none. Rejects with the reason of `signal`. */
  async spend(bucket: Bucket, signal: AbortSignal): Promise<number> {
    if (this.trySpend(bucket)) return 0;
    const lease = this.#leaseOf(bucket);
    if (lease.isEmpty) return Math.max(lease.waitMs, 1);
    const answer = lease.wait();
    this.#order(lease);
    return orAbort(answer, signal);
  }

  /** Spends a permit that may not be there; the bucket then owes it. */
  force(bucket: Bucket): void {
    const lease = this.#leaseOf(bucket);
    lease.force();
    this.#order(lease);
  }

  /** Gives a permit back that was spent for nothing. */
  unspend(bucket: Bucket): void {
    this.#leases.get(bucket.name)?.unspend();
  }

  /** How many milliseconds it is known that there will be nothing; 0: there may be something. */
  knownWaitMs(bucket: Bucket): number {
    const lease = this.#leases.get(bucket.name);
    return lease?.isEmpty === true ? Math.max(lease.waitMs, 1) : 0;
  }

  /** Gives back what nobody uses any more, and forgets whose buckets are full again. Happens by itself twice a second. */
  tidy(): void {
    const idle = [...this.#leases.values()].filter((lease) => lease.isIdle);
    for (const lease of idle) {
      if (lease.isForgettable) this.#leases.delete(lease.bucket.name);
      else this.#order(lease);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tidying);
    clearTimeout(this.#gathering);
  }

  #leaseOf(bucket: Bucket): Lease {
    const known = this.#leases.get(bucket.name);
    if (known !== undefined) return known;
    const lease = new Lease(bucket, this.#now);
    this.#leases.set(bucket.name, lease);
    return lease;
  }

  #order(lease: Lease): void {
    if (!lease.isDue) return;
    this.#due.add(lease);
    if (lease.isAwaited) {
      if (this.#isUrgent) return;
      this.#isUrgent = true;
      setImmediate(() => this.#ask());
    } else {
      this.#gathering ??= setTimeout(() => this.#ask(), GATHER_MS).unref();
    }
  }

  #ask(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#isUrgent = false;
    const asking = [...this.#due].filter((lease) => lease.isDue);
    this.#due.clear();
    if (asking.length > 0) void this.#askFor(asking);
  }

  async #askFor(leases: readonly Lease[]): Promise<void> {
    const claims = leases.map((lease) => lease.claim());
    const grants = [...(await this.#source.take(claims.flat()))];
    leases.forEach((lease, index) => {
      lease.settle(grants.splice(0, claims[index]?.length));
      if (lease.isForgettable) this.#leases.delete(lease.bucket.name);
      else this.#order(lease);
    });
  }
}
