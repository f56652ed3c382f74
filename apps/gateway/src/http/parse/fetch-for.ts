import type { Gateway } from '../../gateway.ts';
import type { FetchFor } from '../../usecases/remote/join-fill.ts';
import type { AuthenticatedExchange, Exchange } from '../exchange.ts';
import { networkOfRequest } from './client-address.ts';

/** Media of another server is fetched for every user. */
export function fetchForUser({ tenant, requester }: AuthenticatedExchange, maxBytes: number): FetchFor {
  return { tenant, asker: requester.userId, maxBytes };
}

/**
 * For somebody without a token it is fetched only where media is not frozen (then strangers must make us ask nobody: Matrix
 * 1.11, “Unauthenticated media is frozen”), and unless he says `allow_remote=false`.
 */
export function fetchForStranger({ context, tenant, query }: Exchange, { config }: Gateway, maxBytes: number): FetchFor | undefined {
  if (config.freezeUnauthenticated || query.get('allow_remote') === 'false') return undefined;
  return { tenant, asker: networkOfRequest(context.req, config.listen), maxBytes };
}
