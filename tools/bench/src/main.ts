/**
 * Measures Medley against yardsticks, side by side: `npm run bench -- [--only ROW,…] [--rounds N] [--seconds N]
 * [--log-level LEVEL] [--out FILE]`. It judges nothing: the exit code says only whether everything could be measured.
 */
import type { Bench, Row } from './harness/bench.ts';
import type { Finding } from './harness/finding.ts';
import { readTrees } from './harness/processes.ts';
import { parseOptions, UsageError } from './options.ts';
import { writeResults } from './report/results.ts';
import { toTable } from './report/table.ts';
import { download } from './rows/download.ts';
import { lane } from './rows/lane.ts';
import { lookup } from './rows/lookup.ts';
import { memory } from './rows/memory.ts';
import { remote } from './rows/remote.ts';
import { start } from './rows/start.ts';
import { thumbnail } from './rows/thumbnail.ts';
import { upload } from './rows/upload.ts';
import { wait } from './rows/wait.ts';

const ROWS = { download, lane, lookup, upload, memory, wait, remote, thumbnail, start } satisfies Record<string, Row>;
type RowName = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as RowName[];

async function main(args: readonly string[]): Promise<void> {
  const { only, out, ...how } = parseOptions(args, NAMES);
  const bench: Bench = { ...how, progress: (message) => process.stderr.write(`${message}\n`) };
  const findings: Finding[] = [];
  const stopping = stopOnSignal();
  for (const name of only) {
    if (stopping.aborted) break;
    findings.push(...(await measure(name, bench)));
    await writeResults(out, bench, findings);
  }
  console.log(toTable(findings));
}

/** Ends all that was started when this process is asked to end; what is being measured then fails. */
function stopOnSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
    for (const { pid } of readTrees([process.pid])) if (pid !== process.pid) process.kill(pid, 'SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  return stopping.signal;
}

/** A row that fails does not take the others with it. */
async function measure(name: RowName, bench: Bench): Promise<readonly Finding[]> {
  try {
    return await ROWS[name](bench);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return [{ kind: 'skipped', row: name, what: 'all of it', goal: '', reason: `it failed: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}` }];
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
