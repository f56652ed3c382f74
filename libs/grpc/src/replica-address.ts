import { isIPv6 } from 'node:net';

/** What an address names: replicas that are known, or a name that has to be looked up for them. */
export type NamedReplicas =
  | { readonly kind: 'list'; readonly targets: readonly string[] }
  | { readonly kind: 'name'; readonly host: string; readonly port: string };

const DNS = /^dns:(?:\/\/[^/]*\/)?(.+):([0-9]+)$/;
const LIST = /^(ipv[46]):(.+)$/;

/** Reads an address as gRPC does; one that is neither a name for DNS nor a list is one replica. */
export function readAddress(address: string): NamedReplicas {
  const [, host, port] = DNS.exec(address) ?? [];
  if (host !== undefined && port !== undefined) return { kind: 'name', host, port };
  const [, scheme, list] = LIST.exec(address) ?? [];
  if (list === undefined) return { kind: 'list', targets: [address] };
  return { kind: 'list', targets: list.split(',').map((one) => `${scheme}:${one.trim()}`) };
}

/** `10.0.0.1` → `ipv4:10.0.0.1:50051` */
export function toTarget(ip: string, port: string): string {
  return isIPv6(ip) ? `ipv6:[${ip}]:${port}` : `ipv4:${ip}:${port}`;
}

/** Whether two lists name the same, in whatever order. */
export function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item));
}
