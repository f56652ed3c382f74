import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../gateway.ts';
import type { AuthenticatedExchange } from '../http/exchange.ts';

type Asking = Pick<AuthenticatedExchange, 'tenant' | 'query' | 'requester' | 'token'>;

/** Passes those whom their homeserver, or the configuration, calls an admin. Throws FORBIDDEN, and what `isAdmin` throws. */
export async function requireAdmin(gateway: Gateway, exchange: Asking): Promise<void> {
  if (!await isAdmin(gateway, exchange)) throw new MediaError('FORBIDDEN', 'You are not a server admin');
}

/** Writes down that an admin acts. What happens to media by that is in the audit log besides; this line is there for whatever an admin does. */
export function logAct({ log }: Gateway, operation: string, { tenant, requester }: Pick<Asking, 'tenant' | 'requester'>): void {
  log.info({ operation, by: requester.userId, server: tenant.serverName }, 'an admin acts');
}

/** Throws HOMESERVER_UNAVAILABLE where nobody can tell, or the homeserver's own refusal of the token. */
export function isAdmin(gateway: Gateway, { tenant, query, requester, token }: Asking): Promise<boolean> {
  return gateway.admins.isAdmin({ tenant, requester, token, masquerade: query.get('user_id') ?? undefined });
}
