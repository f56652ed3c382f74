import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import type { Finding } from '../harness/finding.ts';
import { LoadGenerator } from '../harness/load.ts';
import { startMedley } from '../harness/medley.ts';
import { readCommand, readTrees } from '../harness/processes.ts';
import { removeBlobs, uploadRequest } from './upload.ts';

const MIB = 2 ** 20;
const BODY_BYTES = 100 * MIB;
const UPLOADS = 8;
const CONNECTIONS = 2;
const SAMPLE_EVERY_MS = 25;
const LIMIT_SECONDS = 120;
/** Small uploads before, so that what every process needs once does not count. */
const WARM_UP = { bodyBytes: MIB, maxCount: 40, connections: CONNECTIONS, seconds: LIMIT_SECONDS };

/** How far each process grows while large bodies pass through it. */
export async function memory(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel }));
  const load = stack.use(await LoadGenerator.start());
  await load.run({ ...uploadRequest(medley), ...WARM_UP });
  const watch = watchGrowth(medley.pid);
  for (let done = 0; done < UPLOADS; done += CONNECTIONS) {
    bench.progress(`memory: ${done} of ${UPLOADS} uploads of 100 MiB`);
    await load.run({ ...uploadRequest(medley), bodyBytes: BODY_BYTES, connections: CONNECTIONS, seconds: LIMIT_SECONDS, maxCount: CONNECTIONS });
    await removeBlobs(medley.dataFolder);
  }
  return watch().map(({ name, growths }) => ({
    kind: 'figure',
    row: 'memory',
    what: `100 MiB uploads, ${CONNECTIONS} at once: growth of ${name}`,
    goal: '< 64 MiB',
    unit: 'MiB',
    value: { median: growths / MIB, min: growths / MIB, max: growths / MIB },
  }));
}

interface Growth {
  readonly name: string;
  readonly growths: number;
}

/** Watches the resident memory of every process below `pid` until told to stop. */
function watchGrowth(pid: number): () => readonly Growth[] {
  const before = new Map(readTrees([pid]).map((one) => [one.pid, one.residentBytes]));
  const peaks = new Map(before);
  const sample = (): void => {
    for (const one of readTrees([pid])) peaks.set(one.pid, Math.max(peaks.get(one.pid) ?? 0, one.residentBytes));
  };
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  return () => {
    clearInterval(timer);
    return [...peaks].map(([id, peak]) => ({ name: serviceName(id), growths: peak - (before.get(id) ?? 0) }));
  };
}

/** `apps/gateway/src/main.ts` is the gateway. */
function serviceName(pid: number): string {
  const [, app = 'another process', file = ''] = /apps\/([a-z-]+)\/src\/(?:.*\/)?([a-z-]+)\.ts/.exec(readCommand(pid)) ?? [];
  return file === 'main' ? app : `${app} (${file})`;
}
