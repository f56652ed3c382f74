import { MediaError } from '@medley/domain/media-error';
import { serverOfUser } from '@medley/domain/user-id';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import type { Tenant } from '../tenants.ts';
import type { Requester } from './requester.ts';

/** What an appservice may add to its token: whom, and as which device, it acts for. */
export interface Masquerade {
  readonly userId: string | undefined;
  readonly deviceId: string | undefined;
}

/** What a homeserver says of a token; any other status says something of the homeserver, or of where we look for it. */
const REFUSALS = [400, 401, 403, 429];
const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks the tenant's homeserver whose token this is (Matrix client API, `GET /account/whoami`). Its refusals are passed
 * on as they are; a homeserver that can't be reached or fails is HOMESERVER_UNAVAILABLE, never a bad token, since
 * a client told so logs its user out. Has a time limit of its own and no signal: several requests share one answer.
 */
export async function askWhoami(tenant: Tenant, token: string, masquerade: Masquerade): Promise<Requester> {
  const response = await fetchWhoami(tenant, token, masquerade);
  const body = await readAnswer(response);
  if (REFUSALS.includes(response.status) && typeof body?.['errcode'] === 'string') {
    throw new HomeserverRefusal(response.status, body, response.headers.get('retry-after') ?? undefined);
  }
  const userId = body?.['user_id'];
  if (response.status !== 200 || typeof userId !== 'string') throw unavailable(new Error(`whoami answered ${response.status}`));
  if (serverOfUser(userId) !== tenant.serverName) {
    throw new MediaError('FORBIDDEN', 'The homeserver that knows this token has another server name');
  }
  return { userId, isGuest: body?.['is_guest'] === true || body?.['org.matrix.msc3069.is_guest'] === true, isAdmin: false };
}

async function fetchWhoami(tenant: Tenant, token: string, masquerade: Masquerade): Promise<Response> {
  const url = new URL(`${tenant.clientApi?.replace(/\/+$/, '')}/_matrix/client/v3/account/whoami`);
  if (masquerade.userId !== undefined) url.searchParams.set('user_id', masquerade.userId);
  if (masquerade.deviceId !== undefined) url.searchParams.set('device_id', masquerade.deviceId);
  try {
    return await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw unavailable(error);
  }
}

async function readAnswer(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const length = Number(response.headers.get('content-length') ?? 0);
    if (length > MAX_ANSWER_BYTES) return undefined;
    const body: unknown = JSON.parse((await response.text()).slice(0, MAX_ANSWER_BYTES));
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON: what the caller makes of the status is all there is to say
  }
}

function unavailable(cause: unknown): MediaError {
  return new MediaError('HOMESERVER_UNAVAILABLE', 'The homeserver can’t be asked about this token now', { cause, retryAfterMs: 5000 });
}
