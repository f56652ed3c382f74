import type { IncomingMessage } from 'node:http';
import type { LimitClass } from '@medley/config/rate-limits';
import type { Requester } from '../auth/requester.ts';
import { isUnknownToken } from '../auth/unknown-token.ts';
import type { AuthenticatedExchange, Exchange, ServerExchange } from '../http/exchange.ts';
import { AtOnce } from './at-once.ts';
import type { Bucket } from './lease.ts';
import { LimitBuckets, type LimitBucketsOptions, type User } from './limit-buckets.ts';
import type { Counted, Refusals } from './refusals.ts';
import type { SharedBuckets } from './shared-buckets.ts';

export interface LimitsOptions extends LimitBucketsOptions {
  readonly shared: SharedBuckets;
  readonly refusals: Refusals;
}

type Asking = Pick<Exchange, 'context' | 'tenant' | 'signal'>;

const AT_ONCE_RETRY_MS = 1000;

/**
 * How often may be asked: by one user, from one address, by one server. Refuses with RATE_LIMITED, which tells when to come
 * again; rejects with the reason of an exchange's signal.
 */
export class Limits {
  readonly #buckets: LimitBuckets;
  readonly #shared: SharedBuckets;
  readonly #refusals: Refusals;
  readonly #keyLookups: AtOnce;

  constructor(options: LimitsOptions) {
    this.#buckets = new LimitBuckets(options);
    this.#shared = options.shared;
    this.#refusals = options.refusals;
    this.#keyLookups = new AtOnce(options.rates.key_lookups.at_once || Number.POSITIVE_INFINITY);
  }

  /** Counts a request of whom nobody will know more than the address, or does not yet; of users the address counts with them. */
  async ofAddress(limit: LimitClass, { context, tenant, signal }: Asking): Promise<void> {
    await this.#spend(limit, [this.#buckets.ofAddress(limit, tenant, context.req)], signal);
  }

  /** Counts a request of a user whose token is good. */
  async ofUser(limit: LimitClass, user: Asking & Pick<AuthenticatedExchange, 'requester'>): Promise<void> {
    await this.#spend(limit, this.#buckets.ofUser(limit, user, user.context.req), user.signal);
  }

  /** Counts the same without asking anybody, or says that this can't be done. */
  tryUser(limit: LimitClass, user: User, request: IncomingMessage): boolean {
    const buckets = this.#buckets.ofUser(limit, user, request);
    const missing = buckets.findIndex((bucket) => !this.#shared.trySpend(bucket));
    if (missing > 0) this.#unspend(buckets.slice(0, missing));
    return missing < 0;
  }

  /** Counts a request that another server has signed. */
  async ofServer({ server, tenant, signal }: Pick<ServerExchange, 'server' | 'tenant' | 'signal'>): Promise<void> {
    await this.#spend('federation', [this.#buckets.ofServer(tenant, server)], signal);
  }

  /** What `ask` says of a server's keys; only so many are looked up for one address, since each may take long. */
  async lookingUpKeys<Keys>({ tenant, context, signal }: Asking, ask: () => Promise<Keys>): Promise<Keys> {
    await this.#spend('key_lookups', [this.#buckets.ofAttempts('key_lookups', tenant, context.req)], signal);
    const end = this.#keyLookups.begin(`${tenant.serverName} ${this.#buckets.network(context.req)}`);
    if (end === undefined) throw this.#refusals.make('key_lookups', AT_ONCE_RETRY_MS);
    return ask().finally(end);
  }

  /** What `check` says of a token. Whoever came with too many bad ones is not heard, unless his token `isKnown` to be good. */
  async countingBadTokens({ tenant, context }: Omit<Asking, 'signal'>, isKnown: () => boolean, check: () => Promise<Requester>): Promise<Requester> {
    const bucket = this.#buckets.ofAttempts('bad_tokens', tenant, context.req);
    if (bucket === undefined) return check();
    const waitMs = this.#shared.knownWaitMs(bucket);
    if (waitMs > 0 && !isKnown()) throw this.#refusals.make('bad_tokens', waitMs);
    try {
      return await check();
    } catch (error) {
      if (isUnknownToken(error)) this.#shared.force(bucket);
      throw error;
    }
  }

  async #spend(counted: Counted, wanted: readonly (Bucket | undefined)[], signal: AbortSignal): Promise<void> {
    const buckets = wanted.filter((bucket) => bucket !== undefined);
    for (const [index, bucket] of buckets.entries()) {
      const waitMs = await this.#shared.spend(bucket, signal);
      if (waitMs === 0) continue;
      this.#unspend(buckets.slice(0, index));
      throw this.#refusals.make(counted, waitMs);
    }
  }

  #unspend(buckets: readonly Bucket[]): void {
    for (const bucket of buckets) this.#shared.unspend(bucket);
  }
}
