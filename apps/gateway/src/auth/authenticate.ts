import type { Gateway } from '../gateway.ts';
import type { Exchange } from '../http/exchange.ts';
import { readToken } from './read-token.ts';
import type { Requester } from './requester.ts';

/** Who asks, and by which token. */
export interface Authenticated {
  readonly requester: Requester;
  readonly token: string;
}

const NO_QUERY = new URLSearchParams();

/** Finds out who asks. Throws MISSING_TOKEN, and what `TokenCheck.check` throws. */
export async function authenticate(gateway: Gateway, { context, tenant, query }: Pick<Exchange, 'context' | 'tenant' | 'query'>): Promise<Authenticated> {
  const mayBeInQuery = query.has('access_token') && await gateway.queryTokens.areTaken(tenant);
  const token = readToken(context.req, mayBeInQuery ? query : NO_QUERY);
  const masquerade = {
    userId: query.get('user_id') ?? undefined,
    deviceId: query.get('device_id') ?? query.get('org.matrix.msc3202.device_id') ?? undefined,
  };
  const isKnown = (): boolean => gateway.tokens.find(tenant, token, masquerade) !== undefined;
  const requester = await gateway.limits.countingBadTokens({ context, tenant }, isKnown, () => gateway.tokens.check(tenant, token, masquerade));
  return { token, requester };
}
