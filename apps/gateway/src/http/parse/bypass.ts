import { MediaError } from '@medley/domain/media-error';
import { isAdmin, logAct } from '../../auth/admin.ts';
import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from './path.ts';
import { parseFlag } from '../synapse-admin/query.ts';

/**
 * Whether an admin wants to see media although it is quarantined (Synapse: `admin_unsafely_bypass_quarantine=true`). Throws BAD_REQUEST for
 * everybody else who asks so, before anything is looked up. Media of another tenant stays hidden.
 */
export async function parseBypass(exchange: AuthenticatedExchange, gateway: Gateway): Promise<boolean> {
  if (!parseFlag(exchange.query, 'admin_unsafely_bypass_quarantine', false)) return false;
  if (!await isAdmin(gateway, exchange)) throw new MediaError('BAD_REQUEST', 'Must be a server admin to bypass quarantine');
  logAct(gateway, 'bypassQuarantine', exchange);
  const { params, tenant, requester } = exchange;
  return isVisibleTo(gateway, gateway.tenants.asSeenBy(tenant, requester.userId), { origin: requirePart(params, 'serverName') });
}
