import { availableParallelism } from 'node:os';
import { readCpuMs, readMachineCpuMs } from './processes.ts';

/** What one run did, and how long that took by the clock. */
export interface Work {
  readonly count: number;
  readonly wallMs: number;
}

/** One of the things compared. */
export interface Side {
  readonly name: string;
  /** Whose CPU time counts, with all their children; none: CPU time is not compared. */
  readonly pids: readonly number[];
  /** Does what must not be measured, before each run. */
  prepare?(): Promise<void>;
  /** Works for one round. */
  run(): Promise<Work>;
  /** Clears away what a run left. */
  clean?(): Promise<void>;
}

/** One side's part in a round. */
export interface Sample {
  readonly wallMsPerOp: number;
  /** `undefined` where it could not be read. */
  readonly cpuMsPerOp: number | undefined;
  /** How many cores other processes kept busy meanwhile. */
  readonly foreignCores: number;
}

export interface Round {
  /** In the order of the sides. */
  readonly samples: readonly Sample[];
  /** Whether other processes disturbed it, each time it was tried. */
  readonly isBusy: boolean;
}

const WARM_UP_MS = 1000;
/** A round in which others used more than this is repeated … */
const MAX_FOREIGN_CORES = 0.25;
/** … so often at most. */
const REPEATS = 2;

/** Lets the sides take turns for `count` rounds, after each has warmed up. */
export async function playRounds(sides: readonly Side[], count: number, onRound: (round: number) => void): Promise<readonly Round[]> {
  for (const side of sides) await warmUp(side);
  const rounds: Round[] = [];
  for (let round = 1; round <= count; round += 1) {
    onRound(round);
    rounds.push(await playRound(sides));
  }
  return rounds;
}

async function playRound(sides: readonly Side[]): Promise<Round> {
  for (let repeats = 0; ; repeats += 1) {
    const samples: Sample[] = [];
    for (const side of sides) samples.push(await measure(side));
    const isBusy = samples.some(({ foreignCores }) => foreignCores > MAX_FOREIGN_CORES);
    if (!isBusy || repeats === REPEATS) return { samples, isBusy };
  }
}

async function warmUp(side: Side): Promise<void> {
  for (let doneMs = 0; doneMs < WARM_UP_MS; ) {
    await side.prepare?.();
    doneMs += (await side.run()).wallMs;
    await side.clean?.();
  }
}

async function measure(side: Side): Promise<Sample> {
  await side.prepare?.();
  const ours = readCpuMs(side.pids);
  const foreign = startWatch();
  const { count, wallMs } = await side.run();
  const foreignCores = foreign();
  const oursAfter = readCpuMs(side.pids);
  await side.clean?.();
  const cpuMs = ours === undefined || oursAfter === undefined ? undefined : oursAfter - ours;
  return { wallMsPerOp: wallMs / count, cpuMsPerOp: cpuMs && cpuMs / count, foreignCores };
}

/** Watches the CPU time that is used neither by this process nor by any that it started. */
function startWatch(): () => number {
  const startedAt = performance.now();
  const before = foreignCpuMs();
  return () => Math.min(availableParallelism(), Math.max(0, (foreignCpuMs() - before) / (performance.now() - startedAt)));
}

function foreignCpuMs(): number {
  return (readMachineCpuMs() ?? 0) - (readCpuMs([process.pid]) ?? 0);
}
