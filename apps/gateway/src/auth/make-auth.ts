import type { GatewayConfig } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import { Tenants } from '../tenants.ts';
import { AdminCheck } from './admin-check.ts';
import { Circuits } from './circuit.ts';
import { QueryTokens } from './query-tokens.ts';
import { Suspensions } from './suspensions.ts';
import { TokenCheck } from './token-check.ts';

/** All that tells who calls; what of it asks homeservers knows together which of them are away. */
export function makeAuth({ homeservers, globalAdmins, cache }: GatewayConfig): Pick<Gateway, 'tenants' | 'tokens' | 'queryTokens' | 'suspensions' | 'admins'> {
  const circuits = new Circuits();
  return {
    tenants: new Tenants(homeservers, globalAdmins),
    tokens: new TokenCheck(cache, circuits),
    queryTokens: new QueryTokens(circuits),
    suspensions: new Suspensions(cache.token_outage_lifetime, circuits),
    admins: new AdminCheck(cache.token_lifetime, circuits),
  };
}
