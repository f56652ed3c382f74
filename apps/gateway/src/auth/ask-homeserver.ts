import { MediaError } from '@medley/domain/media-error';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import type { Tenant } from '../tenants.ts';
import { askJson, type JsonAnswer } from './ask-json.ts';

/** A question to a tenant's homeserver, asked with a user's own token where there is one. */
export interface HomeserverQuestion {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly token?: string;
}

/** Where an answer does not say when to ask again. */
const RETRY_AFTER_MS = 5000;

/** Asks the tenant's homeserver (`GET`), which must be configured. Throws HOMESERVER_UNAVAILABLE where it can't be reached, or answers 5xx. */
export async function askHomeserver({ clientApi }: Tenant, { path, query = {}, token }: HomeserverQuestion): Promise<JsonAnswer> {
  const url = new URL(`${clientApi?.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = await askJson(url, { headers }).catch((error: unknown) => Promise.reject(homeserverUnavailable(error)));
  if (answer.status >= 500) throw homeserverUnavailable(new Error(`${path} answered ${answer.status}`));
  return answer;
}

/**
 * What the homeserver says of a token in answering so, to be passed on as it is; `undefined` if it says nothing of that. That it is asked
 * too often may be said by a proxy, in its own words.
 */
export function toRefusal({ status, body, retryAfter }: JsonAnswer, statuses: readonly number[]): HomeserverRefusal | MediaError | undefined {
  if (!statuses.includes(status)) return undefined;
  if (typeof body?.['errcode'] === 'string') return new HomeserverRefusal(status, body, retryAfter);
  if (status !== 429) return undefined;
  return new MediaError('RATE_LIMITED', 'The homeserver is asked too often', { retryAfterMs: Number(retryAfter) * 1000 || RETRY_AFTER_MS });
}

/** A homeserver that can't be reached or fails says nothing of a token: a client told otherwise logs its user out. */
export function homeserverUnavailable(cause: unknown, retryAfterMs: number = RETRY_AFTER_MS): MediaError {
  return new MediaError('HOMESERVER_UNAVAILABLE', 'The homeserver can’t be asked about this token now', { cause, retryAfterMs });
}
