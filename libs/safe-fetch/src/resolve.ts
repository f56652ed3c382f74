import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { orAbort, TimeLimit } from '@medley/streams/abort';
import type { AddressJudge, CheckedAddress } from './address-judge.ts';
import { FetchFailure } from './fetch-failure.ts';

export interface ResolveLimits {
  readonly dnsServers: readonly string[] | undefined;
  readonly dnsTimeoutMs: number;
  readonly maxAddresses: number;
}

/**
 * The addresses of a host, IPv4 first, all of them let pass by the judge: one that is forbidden refuses them all, so that
 * nobody can try his luck. Asks the DNS servers once and nobody else: no file of hosts, no search domain, no cache. Rejects
 * with a FetchFailure, or with the signal's reason.
 */
export async function resolveChecked(host: string, judge: AddressJudge, limits: ResolveLimits, signal: AbortSignal): Promise<readonly CheckedAddress[]> {
  if (isIP(host) !== 0) return [judge.check(host)];
  const addresses = await lookUp(host, limits, signal);
  if (addresses.length > limits.maxAddresses) throw notResolved(`${host} has more than ${limits.maxAddresses} addresses`);
  return addresses.map((address) => judge.check(address));
}

async function lookUp(name: string, limits: ResolveLimits, signal: AbortSignal): Promise<readonly string[]> {
  const [ipv4, ipv6] = await askDns((resolver) => [resolver.resolve4(name), resolver.resolve6(name)], limits, signal);
  // Servers that know one of the two often stumble over the other.
  const found = [ipv4, ipv6].flatMap((answer) => (answer?.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  throw notResolved(`${name} has no address`, { cause: ipv4?.status === 'rejected' ? ipv4.reason : undefined });
}

/** Puts questions to the DNS servers, all at once, and waits for all answers. Rejects only with the signal's reason: what is not answered in time is cancelled. */
export async function askDns<Value>(ask: (resolver: Resolver) => readonly Promise<Value>[], { dnsServers, dnsTimeoutMs }: ResolveLimits, signal: AbortSignal): Promise<readonly PromiseSettledResult<Value>[]> {
  using limit = new TimeLimit(dnsTimeoutMs);
  const resolver = new Resolver({ timeout: Math.ceil(dnsTimeoutMs / 3), tries: 2, maxTimeout: dnsTimeoutMs });
  if (dnsServers !== undefined) resolver.setServers(dnsServers);
  const answers = Promise.allSettled(ask(resolver));
  limit.signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  try {
    return await orAbort(answers, signal);
  } finally {
    resolver.cancel();
  }
}

function notResolved(detail: string, options?: ErrorOptions): FetchFailure {
  return new FetchFailure('NAME_NOT_RESOLVED', detail, options);
}
