import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { LoadRequest } from '../clients/load-connection.ts';
import type { Bench } from '../harness/bench.ts';
import { playContest } from '../harness/contest.ts';
import type { Finding } from '../harness/finding.ts';
import { LoadGenerator } from '../harness/load.ts';
import { bearer } from '../harness/media.ts';
import { startMedley, type Medley } from '../harness/medley.ts';
import type { Side } from '../harness/rounds.ts';
import { Worker } from '../harness/worker.ts';
import type { Listening } from '../servers/listen.ts';

const ROW = 'upload';
const UPLOADS = [
  { what: '1 MiB, separate services', bodyBytes: 2 ** 20, connections: 8 },
  { what: '10 MiB, separate services', bodyBytes: 10 * 2 ** 20, connections: 4 },
];
/** A blob, and what the yardstick stores, has its digest as its name. */
const BLOB_NAME = /^[0-9a-f]{64}$/;

/** Uploads that are hashed, durable and recorded, against a server that does only the first two. */
export async function upload(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel }));
  const server = stack.use(await Worker.start('servers/upload-server.ts'));
  const serverFolder = join(folder, 'yardstick');
  await mkdir(serverFolder);
  const { port } = await server.call<Listening>({ folder: serverFolder });
  const load = stack.use(await LoadGenerator.start());

  const findings: Finding[] = [];
  for (const { what, ...size } of UPLOADS) {
    const side = (name: string, pid: number, to: { readonly port: number }, blobs: string): Side => ({
      ...load.side(name, [pid], { ...uploadRequest(medley), ...to, ...size, seconds: bench.seconds }),
      clean: () => removeBlobs(blobs),
    });
    const subject = side('Medley', medley.pid, medley, medley.dataFolder);
    const opponents = [{ goal: '>= 0.55', side: side('node:http alone', server.pid, { port }, serverFolder) }];
    findings.push(...(await playContest({ row: ROW, what, subject, opponents }, bench)));
  }
  return findings;
}

/** An upload as a user sends it; what the yardstick does not need, it ignores. */
export function uploadRequest(medley: Medley): LoadRequest {
  const headers = { ...bearer(medley), 'content-type': 'application/octet-stream' };
  return { host: '127.0.0.1', port: medley.port, method: 'POST', path: '/_matrix/media/v3/upload', headers };
}

/** So that the disk does not fill up. */
export async function removeBlobs(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const blobs = entries.filter((entry) => entry.isFile() && BLOB_NAME.test(basename(entry.name)));
  await Promise.all(blobs.map((entry) => rm(join(entry.parentPath, entry.name), { force: true })));
}
