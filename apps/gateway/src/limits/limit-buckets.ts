import type { IncomingMessage } from 'node:http';
import type { ListenConfig } from '@medley/config/listen';
import type { LimitClass, RateConfig, RateLimitsConfig } from '@medley/config/rate-limits';
import type { ServerName } from '@medley/domain/server-name';
import type { Logger } from '@medley/telemetry/logger';
import type { Requester } from '../auth/requester.ts';
import { networkOfRequest } from '../http/parse/client-address.ts';
import type { Policies } from '../policy/policies.ts';
import type { Tenant } from '../tenants.ts';
import { toBucketName } from './bucket-name.ts';
import type { Bucket } from './lease.ts';

export interface LimitBucketsOptions {
  readonly rates: RateLimitsConfig;
  readonly listen: Pick<ListenConfig, 'trusted_hops'>;
  readonly policies: Pick<Policies, 'of'>;
  readonly log: Logger;
}

/** A user of the tenant. The same requester is always the same tenant's. */
export interface User {
  readonly tenant: Tenant;
  readonly requester: Requester;
}

/** A requester's own bucket, if there is one, and whether the address counts as well. */
interface OwnBucket {
  readonly bucket: Bucket | undefined;
  readonly isExempt: boolean;
}

/** Which buckets a request takes from; what one tenant's users take is apart from all others'. Where there is no limit there is no bucket. */
export class LimitBuckets {
  readonly #options: LimitBucketsOptions;
  /** What was found out before, since the hot path has no time to. */
  readonly #ofRequesters = new WeakMap<Requester, Map<LimitClass, OwnBucket>>();
  #hasWarned = false;

  constructor(options: LimitBucketsOptions) {
    this.#options = options;
  }

  /** The user's own, and that of the address; none for those who have no limits at all. */
  ofUser(limit: LimitClass, user: User, request: IncomingMessage): readonly Bucket[] {
    const { bucket, isExempt } = this.#own(limit, user);
    const ofAddress = isExempt ? undefined : this.ofAddress(limit, user.tenant, request);
    return [bucket, ofAddress].filter((one) => one !== undefined);
  }

  ofAddress(limit: LimitClass, { serverName }: Tenant, request: IncomingMessage): Bucket | undefined {
    return this.#bucket(this.#options.rates[limit].per_address, `${serverName} address ${limit} ${this.network(request)}`);
  }

  ofServer({ serverName }: Tenant, server: ServerName): Bucket | undefined {
    return this.#bucket(this.#options.rates.federation.per_server, `${serverName} server ${server}`);
  }

  /** What else an address may do only so often. */
  ofAttempts(what: 'bad_tokens' | 'key_lookups', { serverName }: Tenant, request: IncomingMessage): Bucket | undefined {
    return this.#bucket(this.#options.rates[what].per_address, `${serverName} address ${what} ${this.network(request)}`);
  }

  /** Whose limits an address shares. */
  network(request: IncomingMessage): string {
    const { listen } = this.#options;
    if (listen.trusted_hops === 0 && request.headers['x-forwarded-for'] !== undefined) this.#warn();
    return networkOfRequest(request, listen);
  }

  #own(limit: LimitClass, user: User): OwnBucket {
    const known = this.#ofRequesters.get(user.requester) ?? new Map<LimitClass, OwnBucket>();
    const own = known.get(limit) ?? this.#findOwn(limit, user);
    this.#ofRequesters.set(user.requester, known.set(limit, own));
    return own;
  }

  #findOwn(limit: LimitClass, user: User): OwnBucket {
    const { tenant: { serverName }, requester: { userId } } = user;
    const rates = this.#options.rates[limit];
    const factor = this.#factorOf(user);
    if (factor === Number.POSITIVE_INFINITY) return { bucket: undefined, isExempt: true };
    const bucket = 'per_user' in rates ? this.#bucket(rates.per_user, `${serverName} user ${limit} ${userId}`, factor) : undefined;
    return { bucket, isExempt: false };
  }

  /** Infinity for those who have no limits. */
  #factorOf({ tenant, requester }: User): number {
    const { rates, policies } = this.#options;
    if (requester.appservice?.isRateLimited === false) return Number.POSITIVE_INFINITY;
    if (!rates.limit_admins && (requester.isAdmin || tenant.admins.includes(requester.userId))) return Number.POSITIVE_INFINITY;
    return policies.of({ tenant, requester }).rateFactor * (requester.isGuest ? rates.guest_factor : 1);
  }

  #bucket({ per_second: perSecond, burst }: RateConfig, name: string, factor = 1): Bucket | undefined {
    if (burst === 0 || !this.#options.rates.enabled) return undefined;
    return { name: toBucketName(name), perSecond: perSecond * factor, burst: Math.max(1, burst * factor) };
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.log.warn({}, 'X-Forwarded-For came, but listen.trusted_hops is 0: all who come through that proxy are limited as one address');
  }
}
