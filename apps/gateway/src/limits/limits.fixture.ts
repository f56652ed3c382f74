import { resolveConfig } from '@medley/config/load';
import { TokenBuckets, type PermitClaim, type PermitGrant } from '@medley/domain/token-buckets';
import { quietTelemetry } from '@medley/testing/telemetry';
import { Policies } from '../policy/policies.ts';
import { toGatewayConfig } from '../config.ts';
import { Limits } from './limits.ts';
import { Refusals } from './refusals.ts';
import { SharedBuckets } from './shared-buckets.ts';

/** A clock that a test moves. */
export interface Clock {
  ms: number;
}

/** Buckets as one replica of metadata has them, and how often it was asked. */
export class LocalPermits {
  readonly #buckets: TokenBuckets;
  calls = 0;

  constructor(clock: Clock) {
    this.#buckets = new TokenBuckets(() => clock.ms);
  }

  take = async (claims: readonly PermitClaim[]): Promise<readonly PermitGrant[]> => {
    this.calls += 1;
    return claims.map((claim) => this.#buckets.take(claim));
  };
}

/** The limits of one gateway, by parts of its configuration. */
export async function makeLimits(parts: Readonly<Record<string, unknown>> = {}, clock: Clock = { ms: 0 }): Promise<Limits & Disposable> {
  const config = toGatewayConfig(await resolveConfig({ homeservers: [{ server_name: 'a.example', admins: ['@admin:a.example'] }], ...parts }, {}));
  const { log, meter } = quietTelemetry();
  const buckets = new SharedBuckets(new LocalPermits(clock), () => clock.ms);
  const limits = new Limits({ rates: config.rateLimits, listen: config.listen, shared: buckets, policies: new Policies(config), refusals: new Refusals(meter), log });
  return Object.assign(limits, { [Symbol.dispose]: () => buckets[Symbol.dispose]() });
}
