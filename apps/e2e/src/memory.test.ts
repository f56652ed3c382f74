import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { parseDigest } from '@medley/domain/digest';
import { originalKey } from '@medley/domain/blob-key';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { Client } from './crash/client.ts';
import { randomBody } from './harness/bodies.ts';
import { describeExchange } from './harness/exchange.ts';
import { KnownBody } from './harness/known-body.ts';
import { Mains } from './harness/mains.ts';
import { memoryBound } from './harness/memory-bounds.ts';
import { CAN_LOOK_INTO_PROCESSES, readPeakMemory, resetPeakMemory } from './harness/processes.ts';
import { Site } from './harness/site.ts';
import { acquireRealStores, embeddedStores, type Stores } from './harness/stores.ts';
import { SERVICES, type ServiceName } from './harness/system.ts';
import type { MxcUri } from '@medley/domain/mxc-uri';

const MIB = 2 ** 20;
/** `MEDLEY_TEST_MEMORY_COUNT=50 MEDLEY_TEST_MEMORY_MIB=100` is the full size. */
const COUNT = Number(process.env['MEDLEY_TEST_MEMORY_COUNT'] ?? 20);
const BODY_BYTES = Number(process.env['MEDLEY_TEST_MEMORY_MIB'] ?? 32) * MIB;
/** Less than the default, so that it is known to be what bounds storage. */
const UPLOAD_MEMORY_BYTES = 128 * MIB;
const LIMIT_MS = 60_000 + COUNT * (BODY_BYTES / MIB) * 200;
const WARM_UP = 12;

interface Uploaded {
  readonly uri: MxcUri;
  readonly body: KnownBody;
}

async function upload(client: Client, body: KnownBody): Promise<Uploaded> {
  const { answer, uri } = await client.upload(body);
  assert.ok(uri, describeExchange(answer));
  return { uri, body };
}

async function download(client: Client, { uri, body }: Uploaded): Promise<void> {
  const answer = await client.download(uri);
  assert.ok(answer.status === 200 && answer.isWhole && answer.digest === body.digest, describeExchange(answer));
}

/** Makes one body after the other: hashing all of them at once would take the time that the services need. */
async function generate(count: number, sizeBytes: number): Promise<readonly KnownBody[]> {
  const bodies: KnownBody[] = [];
  while (bodies.length < count) bodies.push(await KnownBody.generate(randomBody(8).toString('hex'), sizeBytes));
  return bodies;
}

/** Runs `work` and answers with the growth of every process meanwhile, in bytes. */
async function measureGrowth(mains: Mains, work: () => Promise<void>): Promise<ReadonlyMap<ServiceName, number>> {
  const pids = SERVICES.map((service) => ({ service, pid: mains.running(service)?.pid ?? 0 }));
  const before = await Promise.all(pids.map(({ pid }) => resetPeakMemory(pid)));
  await work();
  const growths = pids.map(async ({ service, pid }, index) => [service, await readPeakMemory(pid) - (before[index] ?? 0)] as const);
  return new Map(await Promise.all(growths));
}

function assertBounded(t: TestContext, what: string, growths: ReadonlyMap<ServiceName, number>, uploadMemoryBytes: number): void {
  const lines = [...growths].map(([service, bytes]) => {
    const bound = memoryBound({ service, transfers: COUNT, uploadMemoryBytes });
    return { isKept: bytes < bound, text: `${service} ${(bytes / MIB).toFixed(0)} of ${bound / MIB} MiB` };
  });
  const text = `${COUNT} ${what} of ${BODY_BYTES / MIB} MiB at once, growth: ${lines.map((line) => line.text).join(', ')}`;
  t.diagnostic(text);
  assert.ok(lines.every(({ isKept }) => isKept), text);
}

async function staysBounded(t: TestContext, stores: Stores): Promise<void> {
  const isS3 = 'bucket' in stores.config.storage;
  const config = { uploads: { max_bytes: BODY_BYTES }, ...(isS3 && { storage: { upload_memory: UPLOAD_MEMORY_BYTES } }) };
  await using mains = await Mains.start(await Site.open({ stores, config }));
  using client = new Client(mains.site, { hungAfterMs: LIMIT_MS });
  for (const body of await generate(WARM_UP, MIB)) await download(client, await upload(client, body));
  const bodies = await generate(COUNT, BODY_BYTES);
  const uploaded: Uploaded[] = [];
  const uploadMemoryBytes = isS3 ? UPLOAD_MEMORY_BYTES : 0;
  try {
    const uploads = await measureGrowth(mains, async () => void uploaded.push(...await Promise.all(bodies.map((body) => upload(client, body)))));
    assertBounded(t, 'uploads', uploads, uploadMemoryBytes);
    const downloads = await measureGrowth(mains, async () => void await Promise.all(uploaded.map((one) => download(client, one))));
    assertBounded(t, 'downloads', downloads, uploadMemoryBytes);
  } finally {
    await removeBytes(mains.site, bodies);
  }
}

/** Servers that others use keep what is not removed. */
async function removeBytes(site: Site, bodies: readonly KnownBody[]): Promise<void> {
  const storage = site.connectStorage();
  const remove = ({ digest }: KnownBody) => storage.rpc.deleteBlob({ key: originalKey(parseDigest(digest)), withDerived: false });
  await Promise.all(bodies.map(remove));
  storage.close();
}

const options = { timeout: 2 * LIMIT_MS, skip: CAN_LOOK_INTO_PROCESSES ? false : 'only Linux tells how much memory a process had' };

it('no process grows by more than its configuration says, however large bodies are, on SQLite and a folder', options, (t) => staysBounded(t, embeddedStores()));

it('no process grows by more than its configuration says, however large bodies are, on MongoDB and S3', options, async (t) => {
  const stores = await realServiceOrSkip(t, acquireRealStores);
  if (stores !== undefined) await staysBounded(t, stores);
});
