import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterEach, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { describeRealService } from '@medley/tool-real-services/skip';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { startFaultySystem, type FaultySystem } from './harness/faulty-system.ts';
import { send, type Answer } from './harness/http-call.ts';
import { downloadPath, type MediaUser } from './harness/media-user.ts';
import type { Site } from './harness/site.ts';
import { SERVICES, type ServiceName } from './harness/system.ts';

const BODY = randomBody(300_000);
const CHUNK = randomBody(2 ** 20);
/** More than one part of a multipart upload. */
const CHUNKS = 24;
/** How long an answer may take while a store does not answer, and until all works again once it does. */
const ANSWERED_WITHIN_MS = 30_000;
const RECOVERED_WITHIN_MS = 10_000;
const LIMIT = { timeout: 120_000 };

await describeRealService('a store that misbehaves', startFaultySystem, (faulty) => {
  afterEach(() => {
    for (const proxy of [faulty.database, faulty.objects]) {
      proxy.mode = 'pass';
      proxy.delayMs = 0;
      // Connections that were held up or lost answers are of no use to anybody.
      proxy.cut();
    }
  });
  testDatabase(faulty);
  testObjects(faulty);
});

function testDatabase({ system: { site }, database }: FaultySystem): void {
  const user = site.user();

  it('a database that refuses connections: 503 with Retry-After, not ready but alive, and all is well by itself afterwards', LIMIT, async () => {
    const uri = await user.upload(BODY);
    const pending = await user.create();
    database.mode = 'refuse';
    for (const answer of await Promise.all([user.tryUpload('x'), user.tryCreate(), user.put(pending, 'x')])) assertDown(answer);
    await eventually(async () => assert.match(String(await unready(site, 'metadata')), /^metadata store: /));
    for (const service of SERVICES) assert.equal(await health(site, service), 200);
    database.mode = 'pass';
    await eventually(async () => assertJson(await user.put(pending, BODY)), RECOVERED_WITHIN_MS);
    for (const media of [uri, pending]) assertBytes(await user.download(media), BODY);
    await eventually(async () => assert.deepEqual(await unready(site, 'metadata'), []));
  });

  it('a slow database makes answers slow, and nothing else', LIMIT, async () => {
    database.delayMs = 300;
    const pending = await user.create();
    assertJson(await user.put(pending, BODY));
    assertBytes(await user.download(pending), BODY);
    assertBytes(await user.download(await user.upload(BODY)), BODY);
  });

  it('a database that falls silent: answers come in time, and what was asked is not in doubt afterwards', LIMIT, async () => {
    const pending = await user.create();
    database.mode = 'freeze';
    for (const answer of await Promise.all([user.tryUpload('x'), user.put(pending, 'x')])) assertDown(answer);
    database.mode = 'pass';
    database.cut();
    await assertSettles(user, pending, Buffer.from('x'));
  });

  it('a database whose answer to the commit is lost: the uploader is told that it failed, and trying again settles it', LIMIT, async () => {
    const pending = await user.create();
    const uploading = user.put(pending, repeatChunk(CHUNK, 4, (index) => {
      // The claim has gone through; the commit's answer will not.
      if (index === 3) database.mode = 'lose-replies';
    }));
    assertDown(await uploading);
    database.mode = 'pass';
    database.cut();
    await assertSettles(user, pending, Buffer.concat([CHUNK, CHUNK, CHUNK, CHUNK]));
  });
}

function testObjects({ system: { site }, objects }: FaultySystem): void {
  const user = site.user();

  it('an object store that refuses connections: uploads are 503, records are answered, the id stays pending', LIMIT, async () => {
    const uri = await user.upload(BODY);
    const pending = await user.create();
    objects.mode = 'refuse';
    for (const answer of await Promise.all([user.tryUpload('x'), user.put(pending, 'x'), user.download(uri)])) assertDown(answer);
    assert.equal((await user.download(uri, { method: 'HEAD' })).status, 200);
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    await eventually(async () => assert.match(String(await unready(site, 'storage')), /^storage: /));
    for (const service of SERVICES) assert.equal(await health(site, service), 200);
    objects.mode = 'pass';
    await eventually(async () => assertJson(await user.put(pending, BODY)), RECOVERED_WITHIN_MS);
    assertBytes(await user.download(uri), BODY);
  });

  it('an object store that resets connections in the middle of an upload: whole or 503, and a sweep leaves nothing behind', LIMIT, async () => {
    for (const at of [1, 9, 17, CHUNKS - 1]) {
      const answer = await user.tryUpload(repeatChunk(CHUNK, CHUNKS, (index) => (index === at ? objects.cut() : undefined)));
      if (answer.status !== 200) assertDown(answer);
    }
    await assertStagingIsEmpty(site);
  });

  it('an object store that resets connections in the middle of a download: the body is whole, or seen to be cut', LIMIT, async () => {
    const uri = await user.upload(repeatChunk(CHUNK, CHUNKS));
    const expected = createHash('sha256');
    for (let index = 0; index < CHUNKS; index += 1) expected.update(CHUNK);
    const digest = expected.digest('hex');
    for (const at of [1, CHUNKS / 2, CHUNKS - 1]) {
      const response = await send({ port: site.ports.http, agent: site.agent }, downloadPath(uri), { token: user.account.token });
      const body = await readCutting(response, at * CHUNK.byteLength, () => objects.cut());
      assert.ok(body.isCut || body.digest === digest, `a clean end after ${body.sizeBytes} bytes`);
    }
  });

  it('an object store that is slow makes answers slow, and nothing else', LIMIT, async () => {
    objects.delayMs = 200;
    const uri = await user.upload(repeatChunk(CHUNK, CHUNKS));
    assert.equal((await user.download(uri)).body.byteLength, CHUNKS * CHUNK.byteLength);
  });
}

/** After a failure that left open whether it was done: it was, or it can be done now; and then it is there. */
async function assertSettles(user: MediaUser, pending: MxcUri, bytes: Buffer): Promise<void> {
  await eventually(async () => {
    const answer = await user.put(pending, bytes);
    assert.ok(answer.status === 200 || answer.status === 409, `${answer.status} ${answer.body}`);
  }, RECOVERED_WITHIN_MS);
  assertBytes(await user.download(pending), bytes);
}

async function assertStagingIsEmpty(site: Site): Promise<void> {
  const { rpc, close } = site.connectStorage();
  try {
    // An upload whose beginning was never answered is known to nobody but S3.
    const begunBeforeMs = Date.now() + 60_000;
    await rpc.sweepStaging({ begunBeforeMs, dryRun: false });
    const { removedCount } = await rpc.sweepStaging({ begunBeforeMs, dryRun: true });
    assert.equal(removedCount, 0);
  } finally {
    close();
  }
}

interface Read {
  readonly isCut: boolean;
  readonly sizeBytes: number;
  readonly digest: string;
}

/** Reads a body and calls `cut` once so many bytes have come. */
async function readCutting(response: IncomingMessage, cutAfterBytes: number, cut: () => void): Promise<Read> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let hasCut = false;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sizeBytes += chunk.byteLength;
      hash.update(chunk);
      if (!hasCut && sizeBytes >= cutAfterBytes) cut();
      hasCut ||= sizeBytes >= cutAfterBytes;
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET', String(error));
    return { isCut: true, sizeBytes, digest: '' };
  }
  return { isCut: false, sizeBytes, digest: hash.digest('hex') };
}

async function unready(site: Site, service: ServiceName): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${metricsPort(site, service)}/readyz`);
  return ((await response.json()) as { missing?: unknown }).missing;
}

async function health(site: Site, service: ServiceName): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${metricsPort(site, service)}/healthz`);
  await response.body?.cancel();
  return response.status;
}

function metricsPort(site: Site, service: ServiceName): number {
  return site.ports.metrics + SERVICES.indexOf(service);
}

function assertDown(answer: Answer): void {
  assertError(answer, answer.status, 'M_UNKNOWN');
  assert.ok(answer.status === 503 || answer.status === 504, `got ${answer.status} ${answer.body}`);
  if (answer.status === 503) assert.match(answer.headers['retry-after'] ?? '', /^[0-9]+$/);
  assert.ok(answer.tookMs < ANSWERED_WITHIN_MS, `took ${answer.tookMs} ms`);
}
