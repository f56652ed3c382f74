import { parseServerName } from '@medley/domain/server-name';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { answer } from './answer.ts';

/** Every step has a limit of its own; all of them together may take this long. */
const TIMEOUT_MS = 120_000;

/** `GET /_medley/v1/federation/check/{serverName}`: tries each step on the way to another server, and tells what happened. */
export async function checkServer(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { params, signal, tenant } = exchange;
  const request = { serverName: parseServerName(requirePart(params, 'serverName')), requester: tenant.serverName };
  const { ok, steps } = await gateway.services.fetchReplicas.use(request.serverName, (rpc) => rpc.diagnoseServer(request, { signal, timeoutMs: TIMEOUT_MS }), signal);
  answer(exchange, { ok, steps: steps.map(({ atMs, kind, ok: isGood, detail }) => ({ at_ms: atMs, kind, ok: isGood, detail })) });
}
