import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { Bodies } from '../crash/bodies.ts';
import { Client } from '../crash/client.ts';
import { History } from '../crash/history.ts';
import { Load } from '../crash/load.ts';
import { PEACEFUL } from '../crash/operations.ts';
import { Balancer, type Probing } from '../harness/balancer.ts';
import { Random } from '../harness/random.ts';
import { ReplicatedServices, type Ending } from '../harness/replicas.ts';
import type { Pair, Stores } from '../harness/stores.ts';
import { SERVICES, type ServiceName } from '../harness/system.ts';
import { readRollouts, type Rollout } from './chart.ts';
import { uploadThroughRestart, type SlowUpload } from './slow-upload.ts';

export interface RollingOptions {
  readonly pair: Pair;
  readonly stores: Stores;
  readonly seed: number;
  /** How often everything is restarted. Default: 2. */
  readonly rounds?: number;
  /** Default: all. */
  readonly services?: readonly ServiceName[];
  /** Default: `SIGTERM`, as a cluster does it. */
  readonly ending?: Ending;
  /** Told of what happens, for whoever waits. */
  readonly onProgress?: (line: string) => void;
}

/** One run in figures. */
export interface RollingReport {
  readonly pair: Pair;
  readonly seed: number;
  readonly restarts: number;
  readonly requests: number;
  /** Requests that did not get what a client hopes for, and answers that were wrong. */
  readonly failed: number;
  readonly acknowledged: number;
  /** The longest time that a process took to end, in milliseconds. */
  readonly slowestEndMs: number;
  /** What came of an upload that lasted longer than its gateway waited. */
  readonly slowUpload: SlowUpload;
}

/** A report, and what somebody needs to know if it is not good. */
export interface RollingRun {
  readonly report: RollingReport;
  readonly problems: readonly string[];
  readonly excerpt: string;
}

const CONFIG = { uploads: { max_pending: 0 } };
const WORKERS = 5;
const ROUNDS = 2;
/** A cluster replaces all services at once; one machine that also makes the load can't start so many processes. */
const AT_ONCE = 3;
/** For a new gateway to be taken for ready: some probes of a busy machine. */
const READY_WITHIN_MS = 30_000;

/**
 * Replaces every process under load and counts what fails, as `helm upgrade` does it with the chart's own numbers: several services at
 * once, in each of them one process after the other. That a gateway ends is known only by its readiness probe, which is the
 * slowest way to learn it. Takes the stores over.
 */
export async function runRolling(options: RollingOptions): Promise<RollingRun> {
  const { pair, stores, seed } = options;
  const rolloutOf = await readRollouts();
  await using services = await ReplicatedServices.start(stores, CONFIG, { spares: 1, envOf: (service) => toEnv(rolloutOf(service)) });
  await using loaded = await startLoad(services, seed, rolloutOf('gateway').readiness);
  const { balancer, history, load } = loaded;
  const tookMs = await replaceEverything(services, loaded, { ...options, rolloutOf });
  await load.stop();
  const { count, failures } = balancer.exchanges;
  // What comes now is meant to fail.
  const problems = [...failures, ...history.problems];
  const excerpt = [...balancer.notes, history.excerpt(), services.tail()].join('\n');
  const slowUpload = await uploadThroughRestart(services, loaded);
  const facts = { restarts: tookMs.length, requests: count, failed: problems.length, acknowledged: history.acknowledgedCount };
  return { report: { pair, seed, ...facts, slowestEndMs: Math.round(Math.max(...tookMs)), slowUpload }, problems, excerpt };
}

/** A load by clients behind a balancer, and what came of it. */
interface Loaded extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly client: Client;
  readonly history: History;
  readonly load: Load;
}

/** That a gateway refuses what a machine is too busy for is not what is measured here, and this one starts many processes at once. */
function toEnv({ delayMs, graceMs }: Rollout): NodeJS.ProcessEnv {
  return { MEDLEY_SHUTDOWN__DELAY: `${delayMs}ms`, MEDLEY_SHUTDOWN__GRACE: `${graceMs}ms`, MEDLEY_LISTEN__MAX_DELAY: '0s' };
}

async function startLoad(services: ReplicatedServices, seed: number, probing: Probing): Promise<Loaded> {
  await using stack = new AsyncDisposableStack();
  const balancer = stack.use(new Balancer(services.gateways, probing));
  await eventually(() => assert.equal(balancer.readyCount, services.running('gateway').length));
  const random = new Random(seed);
  const [history, bodies] = [new History(), new Bodies(random.fork(), 0)];
  const workers = Array.from({ length: WORKERS }, () => ({
    client: stack.use(new Client(services.site, { ask: (path, options) => balancer.ask(path, options) })), random: random.fork(), bodies, history,
  }));
  const [first] = workers;
  assert.ok(first);
  const load = new Load(workers, PEACEFUL);
  // Before anything else is closed; how it went was told before.
  stack.defer(() => load.stop().catch(() => {}));
  const owned = stack.move();
  return { balancer, client: first.client, history, load, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface ReplacingOptions extends RollingOptions {
  readonly rolloutOf: (service: ServiceName) => Rollout;
}

async function replaceEverything(services: ReplicatedServices, loaded: Loaded, options: ReplacingOptions): Promise<readonly number[]> {
  const { rounds = ROUNDS, services: wanted = SERVICES } = options;
  const tookMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (let first = 0; first < wanted.length; first += AT_ONCE) {
      const together = wanted.slice(first, first + AT_ONCE);
      tookMs.push(...(await Promise.all(together.map((service) => replaceService(services, service, loaded, options)))).flat());
      loaded.load.check();
    }
  }
  return tookMs;
}

async function replaceService(services: ReplicatedServices, service: ServiceName, { balancer }: Loaded, options: ReplacingOptions): Promise<readonly number[]> {
  const { rolloutOf, ending, onProgress } = options;
  const { minReadyMs, preStopMs, terminationMs } = rolloutOf(service);
  return services.replace(service, {
    ending,
    patienceMs: terminationMs - preStopMs,
    async settle(replica) {
      if (service === 'gateway') await eventually(() => assert.ok(balancer.uses(replica)), READY_WITHIN_MS);
      await sleep(minReadyMs + preStopMs);
      onProgress?.(`${service} runs at ${replica.port}: ${balancer.exchanges.count} requests, ${balancer.exchanges.failures.length} failed`);
    },
  });
}
