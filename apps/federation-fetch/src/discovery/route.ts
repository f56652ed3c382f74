import { isIP } from 'node:net';
import { splitServerName, type ServerName } from '@medley/domain/server-name';
import type { Target } from '@medley/safe-fetch/url-rules';

/** Where a server name leads by the steps of the specification (server-server API, “Resolving server names”). */
export type DiscoveryStep = '1' | '2' | '3.1' | '3.2' | '3.3' | '3.4' | '3.5' | '4' | '5' | '6';

/** One way to a server. */
export interface Route {
  /** What the URLs of requests begin with: `https://` and the host header. */
  readonly url: string;
  /** Where to connect to. */
  readonly via: Target;
  /** With the port if, and only if, the name that led here has one. */
  readonly hostHeader: string;
  /** The name or address, without brackets, that the certificate must be for. */
  readonly tlsName: string;
  readonly step: DiscoveryStep;
}

/** The port of servers that name none. */
export const FEDERATION_PORT = 8448;

/** The way to a name: to its own host, or to the `target` that SRV gives. The certificate is the name's own in any case. */
export function routeTo(name: ServerName, step: DiscoveryStep, target?: Target): Route {
  const { host, port = FEDERATION_PORT } = splitServerName(name);
  const tlsName = bareHost(host);
  return { url: `https://${name}`, via: target ?? { host: tlsName, port }, hostHeader: name, tlsName, step };
}

/** Whether a server name is an address, with or without a port. */
export function isLiteral(name: ServerName): boolean {
  return isIP(bareHost(splitServerName(name).host)) !== 0;
}

function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
