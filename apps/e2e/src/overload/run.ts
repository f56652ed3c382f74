import { say } from '../harness/command.ts';
import type { Site, Config } from '../harness/site.ts';
import { startSystem } from '../harness/system.ts';
import { KINDS, type KindName } from './kinds.ts';
import { LoadProcess } from './load-process.ts';
import type { Offer, OfferedRequest, Yield } from './offer.ts';

export interface OverloadOptions {
  readonly kinds: readonly KindName[];
  /** How often the best rate and the overload are measured, one after the other. */
  readonly rounds: number;
  /** How long each of them lasts. */
  readonly seconds: number;
  /** How many times the best rate is offered. */
  readonly times: number;
  /** Lies over the configuration. */
  readonly config?: Config;
}

/** What became of one kind of work. */
export interface KindReport {
  readonly kind: KindName;
  /** Answers each second at best, and of those that were offered too much; one of each round. */
  readonly best: readonly number[];
  readonly overloaded: readonly number[];
  /** Of the best, in percent: the middle of the rounds, and how far they lie apart. */
  readonly goodPutPercent: number;
  readonly spreadPercent: readonly [number, number];
  readonly refusedPerSecond: readonly number[];
  /** Of the answers that were refusals, and of the good ones; the slowest round. */
  readonly refusedP99Ms: number | null;
  readonly goodP99Ms: number | null;
  /** What half of those who were not refused waited at most, answered or until they went away; the slowest round. */
  readonly waitMedianMs: number | null;
  readonly late: number;
  readonly failed: number;
}

/** One run in figures. */
export interface OverloadReport {
  readonly kinds: readonly KindReport[];
  /** What is lost of the best good-put under overload, in percent: of the kind that loses most. */
  readonly worstLossPercent: number;
  readonly worstRefusalMs: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

const WARM_UP_SECONDS = 1.5;
/** Far from what one user asks for: what is measured is how much the services can do. */
const LIMITLESS: Config = { rate_limits: { enabled: false, thumbnails: { at_once: 0 } }, telemetry: { log_level: 'warn' } };
/** More than any machine makes in a second, so that there are always enough. */
const MOST_THUMBNAILS_PER_SECOND = 60;

/** Finds how much of each kind of work a Medley of six processes can do, offers it many times that, and compares. */
export async function runOverload({ config = {}, ...options }: OverloadOptions): Promise<OverloadReport> {
  await using system = await startSystem('services', { config: { ...LIMITLESS, ...config } });
  await using load = new LoadProcess();
  const failures: string[] = [];
  const kinds: KindReport[] = [];
  for (const name of options.kinds) {
    const report = await measureKind(name, options, { site: system.site, load, failures });
    say(JSON.stringify(report));
    kinds.push(report);
  }
  return {
    kinds,
    worstLossPercent: Math.max(...kinds.map(({ goodPutPercent }) => round(Math.max(0, 100 - goodPutPercent)))),
    worstRefusalMs: Math.max(0, ...kinds.map(({ refusedP99Ms }) => refusedP99Ms ?? 0)),
    failed: kinds.reduce((sum, { failed }) => sum + failed, 0),
    failures,
  };
}

interface Scene {
  readonly site: Site;
  readonly load: LoadProcess;
  /** What went wrong, to be told. */
  readonly failures: string[];
}

async function measureKind(kind: KindName, options: Omit<OverloadOptions, 'config'>, { site, load, failures }: Scene): Promise<KindReport> {
  const { busyConnections, offer, prepare } = KINDS[kind];
  const seconds = WARM_UP_SECONDS + options.rounds * 2 * options.seconds;
  let requests: readonly OfferedRequest[] = await prepare(site, Math.ceil(seconds * MOST_THUMBNAILS_PER_SECOND) + offer.connections);
  const make = async (more: Pick<Offer, 'seconds' | 'connections'> & Partial<Offer>): Promise<Yield> => {
    const result = await load.offer({ ...offer, port: site.ports.http, requests, ...more });
    if (offer.isOnce) requests = requests.slice(result.used);
    failures.push(...result.failures);
    return result;
  };
  await make({ seconds: WARM_UP_SECONDS, connections: busyConnections });
  const rounds: [Yield, Yield][] = [];
  while (rounds.length < options.rounds) {
    const best = await make({ seconds: options.seconds, connections: busyConnections });
    rounds.push([best, await make({ seconds: options.seconds, connections: offer.connections, perSecond: options.times * rateOf(best) })]);
  }
  return sumUp(kind, rounds);
}

function sumUp(kind: KindName, rounds: readonly (readonly [Yield, Yield])[]): KindReport {
  const over = rounds.map(([, yielded]) => yielded);
  const percents = rounds.map(([best, yielded]) => round((100 * rateOf(yielded)) / rateOf(best))).toSorted((a, b) => a - b);
  const count = (field: 'late' | 'failed'): number => over.reduce((sum, one) => sum + one[field], 0);
  const slowest = (field: 'refusedP99Ms' | 'goodP99Ms' | 'waitMedianMs'): number | null => greatest(over.map((one) => one[field]));
  return {
    kind,
    best: rounds.map(([best]) => round(rateOf(best))),
    overloaded: over.map((one) => round(rateOf(one))),
    goodPutPercent: percents[Math.floor(percents.length / 2)] ?? 0,
    spreadPercent: [percents[0] ?? 0, percents.at(-1) ?? 0],
    refusedPerSecond: over.map(({ refused, seconds }) => round(refused / seconds)),
    refusedP99Ms: slowest('refusedP99Ms'),
    goodP99Ms: slowest('goodP99Ms'),
    waitMedianMs: slowest('waitMedianMs'),
    late: count('late'),
    failed: count('failed'),
  };
}

function rateOf({ good, seconds }: Yield): number {
  return good / seconds;
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : round(Math.max(...known));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
