import type { Inspection, SafeFetch } from '@medley/safe-fetch/safe-fetch';
import type { Route } from '../discovery/route.ts';
import type { Trace } from './trace.ts';

const DEADLINE_MS = 10_000;

/** Notes how far a route leads: to addresses, to a connection, to a certificate. */
export async function reach(fetch: Pick<SafeFetch, 'inspect'>, route: Route, trace: Trace, signal: AbortSignal): Promise<void> {
  const { host, port } = route.via;
  const inspection = await fetch.inspect(route.via, route.tlsName, DEADLINE_MS, signal);
  const { addresses, address, failure, isProxied } = inspection;
  const where = `${host} port ${port} by step ${route.step}`;
  if (isProxied) return trace.add('addresses', true, `${where}: known to the proxy alone`);
  trace.add('addresses', addresses.length > 0, `${where}: ${addresses.join(', ') || failure?.message}`);
  if (addresses.length === 0) return undefined;
  trace.add('connect', address !== undefined, address === undefined ? String(failure?.message) : `${address} port ${port}`);
  if (address !== undefined) trace.add('tls', failure === undefined, `for ${route.tlsName}: ${failure?.message ?? describe(inspection)}`);
  return undefined;
}

function describe({ certificate, protocol }: Inspection): string {
  if (certificate === undefined) return 'no certificate';
  const { names, issuer, validUntil } = certificate;
  return `${protocol}, certificate for ${names}, issued by ${issuer}, valid until ${new Date(validUntil).toISOString()}`;
}
