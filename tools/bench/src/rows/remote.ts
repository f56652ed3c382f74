import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeRemote } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import type { Finding } from '../harness/finding.ts';
import { bearer } from '../harness/media.ts';
import { startMedley, type Medley } from '../harness/medley.ts';
import { percentile, spreadOf } from '../harness/statistics.ts';

const FILE = randomBytes(50_000_000);
const CHUNK_BYTES = 64 * 1024;
/** Makes some 10 MB a second of it. */
const PAUSE_MS = 6;
const HEAD_START_MS = 50;
const DOWNLOADS_PER_ROUND = 3;
const BOUNDARY = 'bench-d41d8cd9';
const SIGNING_KEY = 'ed25519 bench YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1';
const UNLIMITED = { burst: 0 };

/** How long after another server's first byte of a large file our reader has one: its size being told, and not. */
export async function remote(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const other = stack.use(await FakeRemote.start());
  const config = {
    homeservers: [{ server_name: 'bench.example', static_tokens: [{ token: 'bench-user-token', user_id: '@user:bench.example' }], signing_key: SIGNING_KEY }],
    federation: { ca: REMOTE_AUTHORITY, allowed_networks: ['127.0.0.1/32'] },
    rate_limits: { remote_download: { per_user: UNLIMITED, per_server: UNLIMITED } },
  };
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel, config }));
  const delays = { told: [] as number[], untold: [] as number[] };
  await measure(medley, other, { tellsSize: true });
  for (let round = 1; round <= bench.rounds; round += 1) {
    bench.progress(`remote: round ${round} of ${bench.rounds}`);
    for (let download = 0; download < DOWNLOADS_PER_ROUND; download += 1) {
      delays.told.push(await measure(medley, other, { tellsSize: true }));
      delays.untold.push(await measure(medley, other, { tellsSize: false }));
    }
  }
  return [toFinding('size told', delays.told), toFinding('size not told, so that 64 KiB wait', delays.untold)];
}

function toFinding(what: string, delays: readonly number[]): Finding {
  const note = `75 % within ${percentile(delays, 0.75).toFixed(1)} ms, of ${delays.length}`;
  return { kind: 'figure', row: 'remote', what: `first byte of a remote 50 MB file, ${what}`, goal: '< 50 ms', unit: 'ms', value: spreadOf(delays), note };
}

/** From the other server's first byte of the file to ours, in milliseconds. */
async function measure(medley: Medley, other: FakeRemote, { tellsSize }: { readonly tellsSize: boolean }): Promise<number> {
  const mediaId = randomBytes(8).toString('hex');
  let sentAt = Number.NaN;
  other.media.set(mediaId, (_request, response) => {
    void drip(response, tellsSize, () => (sentAt = performance.now())).catch(() => response.destroy());
  });
  const answer = await fetch(`${medley.url}/_matrix/client/v1/media/download/${other.serverName}/${mediaId}`, { headers: bearer(medley) });
  if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  let firstAt = Number.NaN;
  let sizeBytes = 0;
  for await (const chunk of answer.body) {
    if (sizeBytes === 0) firstAt = performance.now();
    sizeBytes += chunk.byteLength;
  }
  if (sizeBytes !== FILE.byteLength) throw new Error(`${sizeBytes} bytes came`);
  return firstAt - sentAt;
}

async function drip(response: ServerResponse, tellsSize: boolean, onFirst: () => void): Promise<void> {
  response.writeHead(200, { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` });
  const size = tellsSize ? `Content-Length: ${FILE.byteLength}\r\n` : '';
  response.write(`\r\n--${BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${BOUNDARY}\r\nContent-Type: video/mp4\r\n${size}\r\n`);
  await sleep(HEAD_START_MS);
  onFirst();
  for (let at = 0; at < FILE.byteLength; at += CHUNK_BYTES) {
    if (!response.write(FILE.subarray(at, at + CHUNK_BYTES))) await once(response, 'drain');
    await sleep(PAUSE_MS);
  }
  response.end(`\r\n--${BOUNDARY}--\r\n`);
}
