import type { LimitClass } from '@medley/config/rate-limits';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange, Exchange, ServerExchange } from '../exchange.ts';

interface RouteBase {
  /** The specification's operationId; names the route in logs and metrics. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly paths: readonly string[];
  /** Which rate limits it counts for; our own homeserver has none. */
  readonly limit: LimitClass;
  /** Whether a suspended user may call it; allowed, unless it is said. */
  readonly suspended?: 'refused' | 'allowed';
}

/**
 * Who may call: anybody; any user; any user but guests; only admins; another Matrix server, by its signature; or our own
 * homeserver, by the token that it pushes events with.
 */
export type Route =
  | (RouteBase & { readonly caller: 'anyone' | 'homeserver'; handle(exchange: Exchange, gateway: Gateway): Promise<void> })
  | (RouteBase & { readonly caller: 'guest' | 'user' | 'admin'; handle(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> })
  | (RouteBase & { readonly caller: 'server'; handle(exchange: ServerExchange, gateway: Gateway): Promise<void> });
