import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import type { ListenConfig } from '@medley/config/listen';
import { headerValues } from './headers.ts';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const IPV4_WITH_PORT = /^([\d.]+):\d+$/;
const IPV6_IN_BRACKETS = /^\[([^\]]+)\](?::\d+)?$/;
/** For a socket that has no address any more, or never had one. */
const NOWHERE = 'unknown';

/**
 * The IP address of who asks. Each proxy that we trust writes at the right end of X-Forwarded-For whom it has been asked by,
 * so with `trusted_hops` of them it is that many places from the right; what stands further left anybody may have made up.
 */
export function clientAddress(request: IncomingMessage, { trusted_hops: hops }: Pick<ListenConfig, 'trusted_hops'>): string {
  let address = toAddress(request.socket.remoteAddress ?? '') ?? NOWHERE;
  if (hops === 0) return address;
  const told = headerValues(request, 'x-forwarded-for').join(',').split(',');
  for (const text of told.slice(-hops).toReversed()) {
    const next = toAddress(text);
    if (next === undefined) return address; // a proxy is missing, or hides who asks: the last one that is known counts
    address = next;
  }
  return address;
}

const networks = new WeakMap<IncomingMessage, string>();

/** Whose limits a request shares. Several ask for it on the way of one request, so it is found out once. */
export function networkOfRequest(request: IncomingMessage, listen: Pick<ListenConfig, 'trusted_hops'>): string {
  const known = networks.get(request);
  if (known !== undefined) return known;
  const network = networkOf(clientAddress(request, listen));
  networks.set(request, network);
  return network;
}

/** Whose limits an address shares: an IPv6 customer has a /64 at least, and could ask from every address of it. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const first = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4);
  return `${first.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

function toAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = IPV4_WITH_PORT.exec(trimmed)?.[1] ?? IPV6_IN_BRACKETS.exec(trimmed)?.[1] ?? trimmed;
  if (isIP(bare) === 0) return undefined;
  return isIPv6(bare) ? MAPPED.exec(bare)?.[1] ?? bare : bare;
}
