import type { SrvRecord } from 'node:dns';
import type { Resolver } from 'node:dns/promises';
import { FetchFailure } from './fetch-failure.ts';
import { askDns, type ResolveLimits } from './resolve.ts';

/** Where a service of a name is to be found. */
export interface ServiceRecord {
  /** A name without a final dot; empty where the service is decidedly not offered. */
  readonly host: string;
  readonly port: number;
}

/** Nobody needs more, and each may cost a time out. */
const MAX_RECORDS = 4;
/** What says that there is no such record, not that it cannot be known. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * The SRV records of a name, the first four in the order to be tried (RFC 2782). Asks the DNS servers once, like
 * `resolveChecked`. Rejects with a FetchFailure, or with the signal's reason.
 */
export async function resolveServices(name: string, limits: ResolveLimits, signal: AbortSignal): Promise<readonly ServiceRecord[]> {
  const [answer] = await askDns((resolver: Resolver) => [resolver.resolveSrv(name)], limits, signal);
  if (answer?.status === 'fulfilled') return inOrder(answer.value).slice(0, MAX_RECORDS).map(({ name: host, port }) => ({ host: host.replace(/\.$/, ''), port }));
  const cause: unknown = answer?.reason;
  if (cause instanceof Error && 'code' in cause && ABSENT.has(cause.code)) return [];
  throw new FetchFailure('NAME_NOT_RESOLVED', `${name} could not be asked for: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** The least priority first; within one, by chance in proportion to their weights, those of weight 0 seldom before others. */
export function inOrder(records: readonly SrvRecord[], random: () => number = Math.random): readonly SrvRecord[] {
  const byPriority = Map.groupBy(records, ({ priority }) => priority);
  return [...byPriority].toSorted(([left], [right]) => left - right).flatMap(([, group]) => byWeight(group, random));
}

function byWeight(group: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = group.toSorted((one, other) => one.weight - other.weight);
  return group.map(() => {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    let at = Math.floor(random() * (total + 1));
    const index = left.findIndex(({ weight }) => (at -= weight) <= 0);
    return left.splice(index, 1);
  }).flat();
}
