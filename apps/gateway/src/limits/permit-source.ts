import { MediaError } from '@medley/domain/media-error';
import { TokenBuckets, type PermitClaim, type PermitGrant } from '@medley/domain/token-buckets';
import { orAbort, TimeLimit } from '@medley/streams/abort';
import type { Logger } from '@medley/telemetry/logger';
import type { Counter, Meter } from '@medley/telemetry/metrics';
import type { Services } from '../services.ts';

/** Where buckets are kept. */
export interface PermitSourceOptions {
  readonly replicas: Services['metadataReplicas'];
  readonly log: Logger;
  readonly meter: Meter;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
  /** How long metadata may take to answer. */
  readonly timeoutMs?: number;
}

/** What one call may carry. */
const MAX_CLAIMS = 100;
/** Buckets that are weighed together; enough to spread them over the replicas. */
const SHARDS = 16;
const CALL_MS = 2000;
/** How long metadata is left alone after it could not be asked. */
const PAUSE_MS = 1000;

/**
 * Takes permits from the buckets that all gateways share: each lives in the memory of one replica of metadata, which all
 * gateways find by rendezvous hashing. While that can't be asked, each gateway has buckets of its own at the full rate,
 * since a limit is no reason to fail.
 */
export class PermitSource {
  readonly #replicas: Services['metadataReplicas'];
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #own: TokenBuckets;
  readonly #ownClaims: Counter;
  #askAgainAt = Number.NEGATIVE_INFINITY;
  #isLost = false;

  constructor({ replicas, log, meter, now = () => performance.now(), timeoutMs = CALL_MS }: PermitSourceOptions) {
    this.#timeoutMs = timeoutMs;
    this.#replicas = replicas;
    this.#log = log;
    this.#now = now;
    this.#own = new TokenBuckets(now);
    this.#ownClaims = meter.createCounter('medley.limits.unshared', { description: 'Claims on limits that this gateway answered itself, since metadata could not be asked' });
    this.#ownClaims.add(0); // shown before there is any
    this.#ownClaims.add(0); // shown before there is any
  }

  /** The grants, in the order of the claims. Never fails, and does not wait for long. */
  async take(claims: readonly PermitClaim[]): Promise<readonly PermitGrant[]> {
    const grants = new Map<PermitClaim, PermitGrant>();
    const batches = [...(await this.#gather(claims))].flatMap(([shard, gathered]) => inParts(gathered).map((part) => ({ shard, part })));
    await Promise.all(batches.map(async ({ shard, part }) => {
      const granted = await this.#takeOf(shard, part);
      part.forEach((claim, index) => grants.set(claim, granted[index] ?? { granted: 0, left: 0 }));
    }));
    return claims.map((claim) => grants.get(claim) ?? { granted: 0, left: 0 });
  }

  /** The claims that the same replicas are asked for, in the same order, by the shard of one of them. */
  async #gather(claims: readonly PermitClaim[]): Promise<ReadonlyMap<string, readonly PermitClaim[]>> {
    using limit = new TimeLimit(this.#timeoutMs);
    const shards = Map.groupBy(claims, shardOf);
    const firsts = new Map<string, string>();
    const gathered = new Map<string, PermitClaim[]>();
    for (const [shard, some] of shards) {
      // where no address is known in time, asking fails in the same way
      const order = (await orAbort(this.#replicas.inOrder(shard), limit.signal).catch(() => [])).join(' ');
      const first = firsts.get(order) ?? shard;
      firsts.set(order, first);
      gathered.set(first, [...(gathered.get(first) ?? []), ...some]);
    }
    return gathered;
  }

  async #takeOf(shard: string, claims: readonly PermitClaim[]): Promise<readonly PermitGrant[]> {
    if (!this.#isLost) return (await this.#ask(shard, claims)) ?? this.#takeOwn(claims);
    if (this.#now() >= this.#askAgainAt) {
      this.#askAgainAt = this.#now() + PAUSE_MS;
      void this.#ask(shard, claims.slice(0, 1)); // nobody waits to hear whether it is back
    }
    return this.#takeOwn(claims);
  }

  async #ask(shard: string, claims: readonly PermitClaim[]): Promise<readonly PermitGrant[] | undefined> {
    using limit = new TimeLimit(this.#timeoutMs);
    const { signal } = limit;
    try {
      const { grants } = await this.#replicas.use(shard, (rpc) => rpc.takePermits({ claims: [...claims] }, { signal, timeoutMs: this.#timeoutMs }), signal);
      if (this.#isLost) this.#log.info({}, 'limits are shared again');
      this.#isLost = false;
      return grants;
    } catch (error) {
      // whatever it was: who asks for media must not suffer for it
      if (!this.#isLost) this.#log.warn({ reason: error instanceof MediaError ? error.reason : String(error) }, 'limits can not be shared: metadata does not answer');
      this.#isLost = true;
      this.#askAgainAt = this.#now() + PAUSE_MS;
      return undefined;
    }
  }

  #takeOwn(claims: readonly PermitClaim[]): readonly PermitGrant[] {
    this.#ownClaims.add(claims.length);
    return claims.map((claim) => this.#own.take(claim));
  }
}

function inParts(claims: readonly PermitClaim[]): readonly (readonly PermitClaim[])[] {
  const starts = Array.from({ length: Math.ceil(claims.length / MAX_CLAIMS) }, (_, index) => index * MAX_CLAIMS);
  return starts.map((start) => claims.slice(start, start + MAX_CLAIMS));
}

/** Every gateway must come to the same. */
function shardOf({ bucket }: PermitClaim): string {
  let sum = 0;
  for (let index = 0; index < bucket.length; index += 1) sum = (Math.imul(sum, 31) + bucket.charCodeAt(index)) >>> 0;
  return `limits/${sum % SHARDS}`;
}
