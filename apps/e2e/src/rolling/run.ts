import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { Bodies } from '../crash/bodies.ts';
import { Client } from '../crash/client.ts';
import { History } from '../crash/history.ts';
import { Load } from '../crash/load.ts';
import { PEACEFUL } from '../crash/operations.ts';
import { Balancer } from '../harness/balancer.ts';
import { Random } from '../harness/random.ts';
import { ReplicatedServices, type Ending } from '../harness/replicas.ts';
import type { Pair, Stores } from '../harness/stores.ts';
import { SERVICES, type ServiceName } from '../harness/system.ts';
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

/** How long a gateway waits for running requests when it is asked to end, in milliseconds. */
export const GRACE_MS = 3000;
const CONFIG = { shutdown: { delay: '500ms', grace: `${GRACE_MS}ms` }, uploads: { max_pending: 0 } };
/** What a cluster waits before it goes on to the next process (`minReadySeconds`): longer than callers take to find the new one. */
const MIN_READY_MS = 2500;
const WORKERS = 5;
const ROUNDS = 2;

/** Restarts every process of every service one after another under load and counts what fails. Takes the stores over. */
export async function runRolling(options: RollingOptions): Promise<RollingRun> {
  const { pair, stores, seed } = options;
  await using services = await ReplicatedServices.start(stores, CONFIG);
  await using loaded = await startLoad(services, seed);
  const { balancer, history, load } = loaded;
  const tookMs = await restartEverything(services, loaded, options);
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

async function startLoad(services: ReplicatedServices, seed: number): Promise<Loaded> {
  await using stack = new AsyncDisposableStack();
  const balancer = stack.use(new Balancer(services.gateways));
  await eventually(() => assert.equal(balancer.readyCount, services.gateways.length));
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

async function restartEverything(services: ReplicatedServices, { balancer, load }: Loaded, options: RollingOptions): Promise<readonly number[]> {
  const { rounds = ROUNDS, services: wanted = SERVICES, ending, onProgress } = options;
  const tookMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const replica of services.replicas.filter(({ service }) => wanted.includes(service))) {
      tookMs.push(await services.restart(replica, ending));
      await eventually(() => assert.equal(balancer.readyCount, services.gateways.length));
      await sleep(replica.service === 'gateway' ? 0 : MIN_READY_MS);
      load.check();
      onProgress?.(`${replica.service} at ${replica.port} restarted: ${balancer.exchanges.count} requests, ${balancer.exchanges.failures.length} failed`);
    }
  }
  return tookMs;
}
