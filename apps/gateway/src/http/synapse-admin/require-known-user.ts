import { MediaError } from '@medley/domain/media-error';
import { askHomeserver } from '../../auth/ask-homeserver.ts';
import { findStaticToken } from '../../auth/static-token.ts';
import type { AuthenticatedExchange } from '../exchange.ts';

/**
 * Passes users who have no media but an account. Only their homeserver knows (Synapse: `GET /_synapse/admin/v2/users/{userId}`); where none is
 * configured, the token is not its own, or it is another kind of server, everybody passes. Throws NOT_FOUND, or HOMESERVER_UNAVAILABLE.
 */
export async function requireKnownUser({ tenant, token }: AuthenticatedExchange, userId: string): Promise<void> {
  if (tenant.clientApi === undefined || findStaticToken(tenant, token) !== undefined) return;
  const answer = await askHomeserver(tenant, { path: `/_synapse/admin/v2/users/${encodeURIComponent(userId)}`, token });
  if (answer.status === 404 && answer.body?.['errcode'] === 'M_NOT_FOUND') throw new MediaError('NOT_FOUND', 'Unknown user');
}
