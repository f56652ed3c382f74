import { isFederated } from '@medley/domain/federation-rules';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName, type ServerName } from '@medley/domain/server-name';
import { isSignedBy } from '@medley/matrix/verify-json';
import { parseXMatrixHeaders, requestObject, type XMatrix } from '@medley/matrix/x-matrix';
import type { Context } from 'koa';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';

/** Another Matrix server, and whom of ours it has addressed. */
export interface IdentifiedServer {
  readonly server: ServerName;
  readonly tenant: Tenant;
}

/**
 * Says which server calls, by its signature over the very target that it sent, and whom it has addressed: by `destination`,
 * since with delegation the Host is another name; servers older than v1.3 leave it out, then the Host must do (server-server
 * API, “Request Authentication”). Throws UNAUTHORIZED, FORBIDDEN for servers with which we have nothing to do, RATE_LIMITED, and fails with
 * SERVICE_UNAVAILABLE or the signal's reason.
 */
export async function identifyServer(gateway: Gateway, context: Context, signal: AbortSignal): Promise<IdentifiedServer> {
  const headers = parseXMatrixHeaders(context.req.headersDistinct['authorization'] ?? []);
  const server = parseServerName(headers[0].origin);
  const tenant = addressee(gateway, context, headers);
  if (!isFederated(server, gateway.config.federation)) throw new MediaError('FORBIDDEN', `Federation denied with ${server}.`);
  const request = { method: context.method, uri: context.req.url ?? '', origin: server, destination: tenant.serverName };
  const object = requestObject(request);
  const asking = { context, tenant, signal };
  await gateway.limits.ofAddress('federation', asking);
  const keyIds = headers.map(({ keyId }) => keyId);
  const keys = await gateway.serverKeys.get(server, { keyIds, signal, begin: (ask) => gateway.limits.lookingUpKeys(asking, ask) });
  const isSigned = headers.some(({ keyId, signature }) => {
    const key = keys.get(keyId);
    return key !== undefined && isSignedBy(object, signature, key);
  });
  if (!isSigned) throw new MediaError('UNAUTHORIZED', `No valid signature of ${server} for this request`);
  await gateway.limits.ofServer({ server, tenant, signal });
  return { server, tenant };
}

/** A request that names somebody else was not meant for us, and whoever passed it on must not have our answer. */
function addressee(gateway: Gateway, context: Context, headers: readonly XMatrix[]): Tenant {
  const [destination, ...others] = new Set(headers.map((header) => header.destination));
  const named = destination === undefined ? gateway.tenants.findByHost(context.get('Host')) : gateway.tenants.ofName(destination);
  if (named === undefined || others.length > 0) throw new MediaError('UNAUTHORIZED', 'This request is meant for another server');
  return named;
}
