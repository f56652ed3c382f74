import { MediaError } from '@medley/domain/media-error';
import { serverOfUser } from '@medley/domain/user-id';
import type { Tenant } from '../tenants.ts';
import { askHomeserver, homeserverUnavailable, toRefusal } from './ask-homeserver.ts';
import type { Circuit } from './circuit.ts';
import type { Requester } from './requester.ts';

/** What an appservice may add to its token: whom, and as which device, it acts for. */
export interface Masquerade {
  readonly userId: string | undefined;
  readonly deviceId: string | undefined;
}

/** What a homeserver says of a token; any other status says something of the homeserver, or of where we look for it. */
const REFUSALS = [400, 401, 403, 429];

/**
 * Asks the tenant's homeserver whose token this is (Matrix client API, `GET /account/whoami`). Its refusals are passed
 * on as they are; a homeserver that can't be reached or fails is HOMESERVER_UNAVAILABLE, never a bad token.
 */
export async function askWhoami(tenant: Tenant, token: string, { userId: user_id, deviceId: device_id }: Masquerade, circuit: Circuit): Promise<Requester> {
  const answer = await circuit.run(() => askHomeserver(tenant, { path: '/_matrix/client/v3/account/whoami', query: { user_id, device_id }, token }));
  const refusal = toRefusal(answer, REFUSALS);
  if (refusal !== undefined) throw refusal;
  const { status, body } = answer;
  const userId = body?.['user_id'];
  if (status !== 200 || typeof userId !== 'string') throw homeserverUnavailable(new Error(`whoami answered ${status}`));
  if (serverOfUser(userId) !== tenant.serverName) {
    throw new MediaError('FORBIDDEN', 'The homeserver that knows this token has another server name');
  }
  const deviceId = body?.['device_id'];
  const isGuest = body?.['is_guest'] === true || body?.['org.matrix.msc3069.is_guest'] === true;
  return { userId, isGuest, isAdmin: false, ...(typeof deviceId === 'string' && { deviceId }) };
}
