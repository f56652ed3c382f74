import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * The URL by which others reach a server that listens on `host` and `port`: `advertise` where it is given, else that host
 * itself. A server that listens everywhere is reached at this machine's first address that is not internal (in
 * a cluster the pod's own, since a signed URL means this very process), or at 127.0.0.1 where it has no other.
 */
export function toAdvertisedUrl(host: string, port: number, advertise: string | undefined, scheme: 'http' | 'https' = 'http'): string {
  if (advertise !== undefined) return advertise.replace(/\/+$/, '');
  const reachable = WILDCARDS.has(host) ? outwardAddress() : host;
  return `${scheme}://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}

function outwardAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((known) => known ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
