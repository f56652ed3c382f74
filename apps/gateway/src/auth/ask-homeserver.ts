import { MediaError } from '@medley/domain/media-error';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import type { Tenant } from '../tenants.ts';

export interface HomeserverAnswer {
  readonly status: number;
  /** The JSON object that came; `undefined` for anything else. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfter: string | undefined;
}

/** A question to a tenant's homeserver, asked with a user's own token. */
export interface HomeserverQuestion {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly token: string;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks the tenant's homeserver (`GET`), which must be configured. Throws HOMESERVER_UNAVAILABLE where it can't be reached. Has a time limit of its
 * own and no signal: several requests share one answer.
 */
export async function askHomeserver(tenant: Tenant, { path, query = {}, token }: HomeserverQuestion): Promise<HomeserverAnswer> {
  const url = new URL(`${tenant.clientApi?.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await readObject(response), retryAfter: response.headers.get('retry-after') ?? undefined };
  } catch (error) {
    throw homeserverUnavailable(error);
  }
}

/** What the homeserver says of a token in answering so, to be passed on as it is; `undefined` if it says nothing of that. */
export function toRefusal({ status, body, retryAfter }: HomeserverAnswer, statuses: readonly number[]): HomeserverRefusal | undefined {
  if (body === undefined || typeof body['errcode'] !== 'string' || !statuses.includes(status)) return undefined;
  return new HomeserverRefusal(status, body, retryAfter);
}

/** A homeserver that can't be reached or fails says nothing of a token: a client told otherwise logs its user out. */
export function homeserverUnavailable(cause: unknown): MediaError {
  return new MediaError('HOMESERVER_UNAVAILABLE', 'The homeserver can’t be asked about this token now', { cause, retryAfterMs: 5000 });
}

async function readObject(response: Response): Promise<HomeserverAnswer['body']> {
  try {
    const length = Number(response.headers.get('content-length') ?? 0);
    if (length > MAX_ANSWER_BYTES) return undefined;
    const body: unknown = JSON.parse((await response.text()).slice(0, MAX_ANSWER_BYTES));
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON: what the caller makes of the status is all there is to say
  }
}
