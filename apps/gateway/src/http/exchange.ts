import type { ServerName } from '@medley/domain/server-name';
import type { Context } from 'koa';
import type { Requester } from '../auth/requester.ts';
import type { Tenant } from '../tenants.ts';

/** One request on its way to its handler: parsed as far as every handler needs it. */
export interface Exchange {
  readonly context: Context;
  readonly tenant: Tenant;
  /** The path's parts by name, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborts when the requester leaves. */
  readonly signal: AbortSignal;
}

/** An exchange whose requester is known. */
export interface AuthenticatedExchange extends Exchange {
  readonly requester: Requester;
  /** Which was accepted; for the homeserver, where it is asked in the requester's name. */
  readonly token: string;
}

/** An exchange whose requester is another Matrix server. `tenant` is the one it has addressed. */
export interface ServerExchange extends Exchange {
  readonly server: ServerName;
}
