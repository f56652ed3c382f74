import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../gateway.ts';
import type { AuthenticatedExchange } from '../http/exchange.ts';
import { readToken } from './read-token.ts';

type Asking = Omit<AuthenticatedExchange, 'params'>;

/** Passes those whom their homeserver, or the configuration, calls an admin. Throws FORBIDDEN, and what `isAdmin` throws. */
export async function requireAdmin(gateway: Gateway, exchange: Asking): Promise<void> {
  if (!await isAdmin(gateway, exchange)) throw new MediaError('FORBIDDEN', 'You are not a server admin');
}

/** Throws HOMESERVER_UNAVAILABLE where nobody can tell, or the homeserver's own refusal of the token. */
export function isAdmin(gateway: Gateway, { context, tenant, query, requester }: Asking): Promise<boolean> {
  const token = readToken(context.req, query);
  return gateway.admins.isAdmin({ tenant, requester, token, masquerade: query.get('user_id') ?? undefined });
}
