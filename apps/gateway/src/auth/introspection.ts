import type { IntrospectionConfig } from '@medley/config/accounts';
import { MediaError } from '@medley/domain/media-error';
import type { ServerName } from '@medley/domain/server-name';
import { serverOfUser } from '@medley/domain/user-id';
import type { JsonObject } from '../http/parse/json-body.ts';
import { homeserverUnavailable } from './ask-homeserver.ts';
import { askJson } from './ask-json.ts';
import type { Circuit } from './circuit.ts';
import type { Answered } from './remembered.ts';
import type { Requester } from './requester.ts';

/** Matrix v1.15's scopes, and those of MSC2967 before it. */
const PREFIXES = ['urn:matrix:client:', 'urn:matrix:org.matrix.msc2967.client:'];

/**
 * Asks an authorization server about an OAuth 2.0 access token (RFC 7662); `undefined` where it does not know it, or not any more. Throws
 * FORBIDDEN for a token that gives no right to Matrix's client API, and HOMESERVER_UNAVAILABLE for all that is no answer, our own credentials
 * being refused among it: that is no user's fault.
 */
export async function introspect(config: IntrospectionConfig, serverName: ServerName, token: string, circuit: Circuit): Promise<Answered<Requester> | undefined> {
  const body = await circuit.run(() => ask(config, token));
  if (body['active'] === false) return undefined;
  const scopes = new Set(typeof body['scope'] === 'string' ? body['scope'].split(' ') : []);
  const [isUser, isGuest] = ['api:*', 'api:guest'].map((name) => PREFIXES.some((prefix) => scopes.has(prefix + name)));
  if (!isUser && !isGuest) throw new MediaError('FORBIDDEN', 'This token has no scope for Matrix’s client API');
  const isAdmin = isUser === true && config.admin_scopes.some((scope) => scopes.has(scope));
  const deviceId = body['device_id'] ?? deviceOf(scopes);
  const value = { userId: readUserId(body, serverName), isGuest: !isUser, isAdmin, ...(typeof deviceId === 'string' && { deviceId }) };
  return { value, maxLifetimeMs: readLifetime(body) };
}

async function ask({ endpoint, client_id, client_secret }: IntrospectionConfig, token: string): Promise<JsonObject> {
  const authorization = client_id === undefined ? `Bearer ${client_secret}` : `Basic ${toBasic(client_id, client_secret)}`;
  // without this header MAS names no device whose id fits into no scope
  const headers = { accept: 'application/json', authorization, 'x-mas-supports-device-id': '1' };
  try {
    const { status, body } = await askJson(new URL(endpoint), { method: 'POST', headers, body: new URLSearchParams({ token, token_type_hint: 'access_token' }) });
    if (status === 200 && typeof body?.['active'] === 'boolean') return body;
    throw new Error(`the introspection of a token answered ${status}`);
  } catch (error) {
    throw homeserverUnavailable(error);
  }
}

/** Both are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function toBasic(id: string, secret: string): string {
  const [encodedId, encodedSecret] = [id, secret].map((text) => new URLSearchParams({ _: text }).toString().slice(2));
  return Buffer.from(`${encodedId}:${encodedSecret}`).toString('base64');
}

function deviceOf(scopes: ReadonlySet<string>): string | undefined {
  for (const scope of scopes) {
    const prefix = PREFIXES.find((one) => scope.startsWith(`${one}device:`));
    if (prefix !== undefined) return scope.slice(`${prefix}device:`.length);
  }
  return undefined;
}

/** `username` is a localpart with MAS; elsewhere it, or `sub`, may be a whole user id. */
function readUserId({ username, sub }: JsonObject, serverName: ServerName): string {
  const name = [username, sub].find((one) => typeof one === 'string' && (one === username || one.startsWith('@')));
  if (typeof name !== 'string' || name === '') throw homeserverUnavailable(new Error('the introspection of a token names no user'));
  const userId = name.startsWith('@') ? name : `@${name}:${serverName}`;
  if (serverOfUser(userId) !== serverName) throw new MediaError('FORBIDDEN', 'This token is of a user of another server');
  return userId;
}

/** RFC 7662 has a point in time, in seconds; MAS says how long besides. */
function readLifetime({ exp, expires_in: expiresIn }: JsonObject): number {
  const lifetimes = [typeof exp === 'number' ? exp * 1000 - Date.now() : Infinity, typeof expiresIn === 'number' ? expiresIn * 1000 : Infinity];
  return Math.max(0, Math.min(...lifetimes));
}
