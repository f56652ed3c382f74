import { createHash, randomBytes } from 'node:crypto';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import { playContest } from '../harness/contest.ts';
import type { Finding } from '../harness/finding.ts';
import { LoadGenerator } from '../harness/load.ts';
import { bearer, downloadPath, upload } from '../harness/media.ts';
import { startMedley } from '../harness/medley.ts';
import { Worker } from '../harness/worker.ts';
import type { Listening } from '../servers/listen.ts';
import type { StreamGatewayOptions } from '../servers/stream-gateway.ts';

const SIZE_BYTES = 10 * 2 ** 20;
const CONNECTIONS = 8;

/** Large downloads between separate hosts: over storage's data port, and over its gRPC stream. */
export async function lane(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const config = { storage: { kind: 'filesystem', shared: false } };
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel, config }));
  const body = randomBytes(SIZE_BYTES);
  const path = downloadPath(medley, await upload(medley, body));
  const gateway = stack.use(await Worker.start('servers/stream-gateway.ts'));
  const { storage: address, token } = medley.grpc;
  const options: StreamGatewayOptions = { address, token, digest: createHash('sha256').update(body).digest('hex'), sizeBytes: SIZE_BYTES };
  const { port } = await gateway.call<Listening>(options);

  const load = stack.use(await LoadGenerator.start());
  const request = { host: '127.0.0.1', method: 'GET', path, headers: bearer(medley), connections: CONNECTIONS, seconds: bench.seconds };
  return await playContest(
    {
      row: 'lane',
      what: '10 MiB, separate services',
      subject: load.side('data port', [medley.pid], { ...request, port: medley.port }),
      opponents: [{ goal: '>= 1.7', side: load.side('tuned gRPC stream', [medley.pid, gateway.pid], { ...request, port }) }],
    },
    bench,
  );
}
