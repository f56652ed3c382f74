import { BODY_SENTINEL } from '../harness/known-body.ts';
import { Random } from '../harness/random.ts';
import { GRPC_TOKEN } from '../harness/site.ts';
import type { Pair, Stores } from '../harness/stores.ts';
import { SERVICES } from '../harness/system.ts';
import { Bodies } from './bodies.ts';
import { check, type Verdict } from './checker.ts';
import { Client } from './client.ts';
import { Cluster } from './cluster.ts';
import { errorsIn } from './errors-in-logs.ts';
import { CHANCE_FAULTS, NAMED_FAULTS, type Fault } from './faults.ts';
import { History, REMOVAL_BITES_WITHIN_MS } from './history.ts';
import { Load } from './load.ts';
import { EVERYTHING, type Worker } from './operations.ts';
import { viewStores } from './store-view.ts';

export interface CrashOptions {
  readonly pair: Pair;
  readonly stores: Stores;
  readonly seed: number;
  /** How long the load lasts at least; every named fault strikes once, whatever it takes. */
  readonly seconds: number;
  /** Told of what happens, for whoever waits. */
  readonly onProgress?: (line: string) => void;
}

/** One run in figures. */
export interface CrashReport extends Verdict {
  readonly pair: Pair;
  readonly seed: number;
  readonly seconds: number;
  readonly rounds: number;
  /** How often each fault has struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly operations: number;
  readonly acknowledged: number;
  /** The longest time from a death until all was ready again, in milliseconds. */
  readonly maxRecoverMs: number;
  /** Log lines of level error. */
  readonly errors: number;
}

/** A report, and what somebody needs to know if it is not good. */
export interface CrashRun {
  readonly report: CrashReport;
  readonly problems: readonly string[];
  readonly excerpt: string;
}

const WORKERS = 5;
/** What large bodies may have together, and what is added to that for each second of the run. */
const LARGE_BYTES = 300 * 2 ** 20;
const LARGE_BYTES_PER_SECOND = 3 * 2 ** 20;
/** At the end no upload is under way: whatever is unfinished was left behind. */
const NO_GRACE = { MEDLEY_MAINTENANCE__STAGING_GRACE: '1ms' };

/** Runs a load against services that die and are started again, and checks what they promised. Takes the stores over. */
export async function runCrash(options: CrashOptions): Promise<CrashRun> {
  const startedAt = performance.now();
  await using cluster = await Cluster.start(options.stores);
  using stack = new DisposableStack();
  const history = new History();
  const workers = makeWorkers(cluster, history, options, stack);
  const load = new Load(workers.slice(1), EVERYTHING);
  const struck = await strikeAll(cluster, workers[0], load, options).catch(async (error: unknown) => {
    throw new Error(`seed ${options.seed}, ${options.pair}:\n${history.excerpt()}\n${cluster.tail()}`, { cause: error });
  });
  await load.stop();
  const verdict = await judge(cluster, workers);
  const report = {
    pair: options.pair,
    seed: options.seed,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    ...struck,
    operations: load.operationCount,
    acknowledged: history.acknowledgedCount,
    ...verdict,
    errors: errorsIn(cluster.logs()).length,
  };
  return { report, problems: [...history.problems, ...errorsIn(cluster.logs())], excerpt: history.excerpt() };
}

type Workers = readonly [Worker, ...Worker[]];

function makeWorkers(cluster: Cluster, history: History, { seed, seconds }: CrashOptions, stack: DisposableStack): Workers {
  const random = new Random(seed);
  const bodies = new Bodies(random.fork(), LARGE_BYTES + seconds * LARGE_BYTES_PER_SECOND);
  const make = (): Worker => ({ client: stack.use(new Client(cluster.site)), random: random.fork(), bodies, history });
  return [make(), ...Array.from({ length: WORKERS }, make)];
}

/** Lets every named fault strike once, in any order, with others in between; then others until the time is over. */
async function strikeAll(cluster: Cluster, worker: Worker, load: Load, { seconds, onProgress }: CrashOptions) {
  const { random, history } = worker;
  const until = performance.now() + seconds * 1000;
  const waiting = [...random.shuffle([...NAMED_FAULTS, ...CHANCE_FAULTS])];
  const faults: Record<string, number> = {};
  let [rounds, maxRecoverMs] = [0, 0];
  while (waiting.length > 0 || performance.now() < until) {
    const fault: Fault | undefined = waiting.pop() ?? random.pick([...NAMED_FAULTS, ...CHANCE_FAULTS]);
    if (fault === undefined) break;
    history.note(`--- ${fault.name}`);
    const tookMs = await fault.strike(cluster, worker);
    load.check();
    onProgress?.(`${fault.name}: ready after ${tookMs.toFixed(0)} ms, ${history.acknowledgedCount} uploads acknowledged, ${history.problems.length} problems`);
    faults[fault.name] = (faults[fault.name] ?? 0) + 1;
    rounds += 1;
    maxRecoverMs = Math.max(maxRecoverMs, Math.round(tookMs));
  }
  return { rounds, faults, maxRecoverMs };
}

/** Starts everything anew, sweeps past the times of grace, and looks at what is left. */
async function judge(cluster: Cluster, workers: Workers): Promise<Verdict> {
  const [{ client, history }] = workers;
  await cluster.restart(SERVICES);
  await sweepAll(cluster);
  const view = await viewStores(cluster.site);
  return check({
    history,
    view,
    download: (facts) => client.download(facts.uri, { query: { timeout_ms: 0 } }),
    logs: cluster.logs(),
    secrets: [BODY_SENTINEL, GRPC_TOKEN, ...workers.map((worker) => worker.client.token), ...storeSecrets(cluster)],
  });
}

/** The first of two sweeps condemns what the second removes; each must wait first, as it would in earnest. */
async function sweepAll(cluster: Cluster): Promise<void> {
  for (let sweep = 1; sweep <= 2; sweep += 1) {
    await new Promise((resolve) => setTimeout(resolve, REMOVAL_BITES_WITHIN_MS));
    const { code, program } = await cluster.sweep('--connect', NO_GRACE);
    if (code !== 0) throw new Error(`the last sweep ended with ${code}:\n${program.tail()}`);
  }
}

function storeSecrets({ site }: Cluster): readonly string[] {
  const { storage } = site.storesConfig;
  return 'secret_key' in storage ? [String(storage.secret_key)] : [];
}
