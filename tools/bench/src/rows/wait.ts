import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import type { Finding } from '../harness/finding.ts';
import { bearer, downloadPath, reserve } from '../harness/media.ts';
import { startMedley, type Medley } from '../harness/medley.ts';
import { percentile, spreadOf } from '../harness/statistics.ts';

const BODY_BYTES = 10 * 1024;
const UPLOADS_PER_ROUND = 20;
/** By then the download waits in the metadata service. */
const HEAD_START_MS = 30;

/** How long after the uploader's answer a download that waited for it is answered; below 0 where it comes first. */
export async function wait(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel }));
  for (let warmUp = 0; warmUp < UPLOADS_PER_ROUND; warmUp += 1) await measure(medley);
  const latencies: number[] = [];
  for (let round = 1; round <= bench.rounds; round += 1) {
    bench.progress(`wait: round ${round} of ${bench.rounds}`);
    for (let upload = 0; upload < UPLOADS_PER_ROUND; upload += 1) latencies.push(await measure(medley));
  }
  const note = `95 % within ${percentile(latencies, 0.95).toFixed(1)} ms, 99 % within ${percentile(latencies, 0.99).toFixed(1)} ms, of ${latencies.length}`;
  return [{ kind: 'figure', row: 'wait', what: 'waiting download after the upload\'s answer', goal: '< 50 ms', unit: 'ms', value: spreadOf(latencies), note }];
}

/** In milliseconds, until the download's headers are there. */
async function measure(medley: Medley): Promise<number> {
  const mediaId = await reserve(medley);
  const downloaded = timed(fetch(`${medley.url}${downloadPath(medley, mediaId)}?timeout_ms=10000`, { headers: bearer(medley) }));
  await sleep(HEAD_START_MS);
  const url = `${medley.url}/_matrix/media/v3/upload/${medley.serverName}/${mediaId}`;
  const uploaded = await timed(fetch(url, { method: 'PUT', headers: bearer(medley), body: randomBytes(BODY_BYTES) }));
  return (await downloaded) - uploaded;
}

/** When the answer's headers came. */
async function timed(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  const at = performance.now();
  const body = await response.arrayBuffer();
  if (!response.ok) throw new Error(`status ${response.status}: ${Buffer.from(body).toString()}`);
  return at;
}
