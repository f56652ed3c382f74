import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import type { FigureFinding, Finding } from '../harness/finding.ts';
import { answers, ROOT, startMedley, type Form } from '../harness/medley.ts';
import { findFreePorts } from '@medley/testing/free-ports';
import { readTrees } from '../harness/processes.ts';
import { Program } from '../harness/program.ts';
import { spreadOf } from '../harness/statistics.ts';

const MIB = 2 ** 20;
const IDLE_MS = 1500;

interface Start {
  readonly startMs: number;
  /** All processes, after a while of doing nothing. */
  readonly idleMib: number;
}

/** Start time and idle memory of one process and of the services. */
export async function start(bench: Bench): Promise<readonly Finding[]> {
  const one: Start[] = [];
  const many: Start[] = [];
  const npm: number[] = [];
  await measure('one process', bench);
  for (let round = 1; round <= bench.rounds; round += 1) {
    bench.progress(`start: round ${round} of ${bench.rounds}`);
    one.push(await measure('one process', bench));
    many.push(await measure('services', bench));
    npm.push(await npmStart());
  }
  return [
    share(one.map(({ idleMib }) => idleMib), many.map(({ idleMib }) => idleMib), { what: 'idle memory', goal: '<= 0.35', unit: 'MiB' }),
    share(one.map(({ startMs }) => startMs), many.map(({ startMs }) => startMs), { what: 'time until ready', goal: '<= 0.60', unit: 'ms' }),
    { kind: 'figure', row: 'start', what: '`npm start` until its first answer', goal: '<= 2000 ms', unit: 'ms', value: spreadOf(npm) },
  ];
}

async function measure(form: Form, bench: Bench): Promise<Start> {
  await using folder = await makeTempDir();
  await using medley = await startMedley({ form, folder: folder.path, logLevel: bench.logLevel });
  await sleep(IDLE_MS);
  const processes = readTrees([medley.pid]);
  return { startMs: medley.startMs, idleMib: processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0) / MIB };
}

/** As a newcomer starts it, without a configuration; in milliseconds. */
async function npmStart(): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const port = await findFreePorts(1);
  const env = { MEDLEY_LISTEN__PORT: String(port), MEDLEY_DATA_DIR: join(folder, 'data') };
  const startedAt = performance.now();
  const program = stack.use(await Program.start('npm', { args: ['start'], cwd: ROOT, env, errorLog: join(folder, 'errors.log') }));
  await Promise.race([answers(`http://127.0.0.1:${port}/_matrix/client/v1/media/config`, 401), program.failOnExit()]);
  return performance.now() - startedAt;
}

/** What one process takes of what the services take, round by round. */
function share(one: readonly number[], many: readonly number[], { what, goal, unit }: { readonly what: string; readonly goal: string; readonly unit: string }): FigureFinding {
  const shares = one.map((value, round) => value / (many[round] ?? NaN));
  const note = `${spreadOf(one).median.toFixed(0)} ${unit} of ${spreadOf(many).median.toFixed(0)} ${unit}`;
  return { kind: 'figure', row: 'start', what: `${what}: one process against the services`, goal, unit: '', value: spreadOf(shares), note };
}
