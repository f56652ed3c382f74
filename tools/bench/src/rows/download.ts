import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import { playContest, type Opponent } from '../harness/contest.ts';
import type { Finding } from '../harness/finding.ts';
import { LoadGenerator } from '../harness/load.ts';
import { bearer, downloadPath, upload } from '../harness/media.ts';
import { startMedley } from '../harness/medley.ts';
import type { Side } from '../harness/rounds.ts';
import { Worker } from '../harness/worker.ts';
import type { Listening } from '../servers/listen.ts';
import { startNginx } from '../servers/nginx.ts';

const ROW = 'download';

/** One kind of download, by one Medley process and by others. */
interface Download {
  readonly what: string;
  readonly sizeBytes: number;
  readonly connections: number;
  readonly config?: Readonly<Record<string, unknown>>;
  /** The yardstick in bare Node: its script, and what it is told to serve. */
  readonly node: { readonly name: string; readonly goal: string; readonly script: string };
  /** Left out where nginx is no yardstick. */
  readonly nginxGoal?: string;
}

interface Server {
  readonly pid: number;
  readonly port: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DOWNLOADS: readonly Download[] = [
  {
    what: '10 KiB, hot, all headers', sizeBytes: 10 * 1024, connections: 32, nginxGoal: '>= 0.30',
    node: { name: 'node:http from memory', goal: '>= 0.70', script: 'servers/memory-server.ts' },
  },
  {
    what: '10 KiB, body not in memory', sizeBytes: 10 * 1024, connections: 32, config: { cache: { max_bytes: 0 } },
    node: { name: 'node:http from memory', goal: '>= 0.45', script: 'servers/memory-server.ts' },
  },
  {
    what: '10 MiB, one process', sizeBytes: 10 * 2 ** 20, connections: 8, nginxGoal: '>= 0.80',
    node: { name: 'node:http createReadStream', goal: 'none', script: 'servers/file-server.ts' },
  },
];

/** Authenticated downloads from one process. */
export async function download(bench: Bench): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const one of DOWNLOADS) findings.push(...(await play(one, bench)));
  return findings;
}

async function play({ what, sizeBytes, connections, config, node, nginxGoal }: Download, bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const body = randomBytes(sizeBytes);
  const load = stack.use(await LoadGenerator.start());
  const side = (name: string, { pid, port, path = '/body', headers = {} }: Server): Side =>
    load.side(name, [pid], { host: '127.0.0.1', port, method: 'GET', path, headers, connections, seconds: bench.seconds });

  const medley = stack.use(await startMedley({ form: 'one process', folder, logLevel: bench.logLevel, ...(config && { config }) }));
  const path = downloadPath(medley, await upload(medley, body, 'image/jpeg'));
  const subject = side('Medley', { ...medley, path, headers: bearer(medley) });

  const filePath = await writeFileFor(folder, body);
  const server = stack.use(await Worker.start(node.script));
  const { port } = await server.call<Listening>({ sizeBytes, path: filePath });
  const opponents: Opponent[] = [{ goal: node.goal, side: side(node.name, { pid: server.pid, port }) }];

  const nginx = nginxGoal === undefined ? undefined : stack.use(await startNginx(folder, 'body'));
  if (nginx !== undefined && nginxGoal !== undefined) opponents.push({ goal: nginxGoal, side: side('nginx static', nginx) });
  const findings = await playContest({ row: ROW, what, subject, opponents }, bench);
  if (nginxGoal === undefined || nginx !== undefined) return findings;
  return [...findings, { kind: 'skipped', row: ROW, what: `${what}: Medley against nginx static`, goal: nginxGoal, reason: 'there is no nginx on the PATH' }];
}

/** Where nginx and the yardstick in Node find the body. */
async function writeFileFor(folder: string, body: Uint8Array): Promise<string> {
  await mkdir(join(folder, 'files'));
  const path = join(folder, 'files', 'body');
  await writeFile(path, body);
  return path;
}
