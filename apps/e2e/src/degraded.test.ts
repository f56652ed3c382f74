import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import type { Answer } from './harness/http-call.ts';
import { Mains } from './harness/mains.ts';
import { Site } from './harness/site.ts';
import { SERVICES, type ServiceName } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const SMALL = { width: 32, height: 32, method: 'crop' };
const MAX_STALE_MS = 6000;
const MAX_UPLOAD_MS = 2000;
/** What is promised of a quarantine and of a deletion. */
const BITES_WITHIN_MS = 2000;
/** Larger than what a gateway keeps in memory. */
const LARGE_BYTES = 1_000_000;

const site = await Site.open({ config: { cache: { max_stale: `${MAX_STALE_MS}ms` }, uploads: { max_duration: `${MAX_UPLOAD_MS}ms` }, shutdown: { delay: '1500ms' } } });
const mains = await Mains.start(site, { env: { MEDLEY_SHUTDOWN__GRACE: '5s' } });
const user = site.user();
after(() => mains[Symbol.asyncDispose]());

interface Uploaded {
  readonly uri: MxcUri;
  readonly bytes: Buffer;
}

/** Uploads, and downloads so often that the gateway answers without asking anybody. */
async function uploadKept(sizeBytes: number): Promise<Uploaded> {
  const bytes = randomBody(sizeBytes);
  const uri = await user.upload(bytes);
  for (let round = 0; round < 3; round += 1) assertBytes(await user.download(uri), bytes);
  return { uri, bytes };
}

async function askMetadata<Value>(act: (metadata: ReturnType<Site['connectMetadata']>['rpc']) => Promise<Value>): Promise<Value> {
  const client = site.connectMetadata();
  try {
    return await act(client.rpc);
  } finally {
    client.close();
  }
}

function setQuarantine(uri: MxcUri, quarantined: boolean): Promise<unknown> {
  return askMetadata((metadata) => metadata.setQuarantine({ keys: [{ ...uri }], digests: [], quarantined, by: '@admin:e2e.example' }));
}

async function assertGone(uri: MxcUri): Promise<void> {
  assertError(await user.download(uri), 404, 'M_NOT_FOUND');
}

function assertDown(answer: Answer): void {
  assertError(answer, 503, 'M_UNKNOWN');
  assert.match(answer.headers['retry-after'] ?? '', /^[0-9]+$/);
}

async function readHealth(path: string, service: ServiceName = 'gateway'): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${site.ports.metrics + SERVICES.indexOf(service)}${path}`);
  return { status: answer.status, text: await answer.text() };
}

/** Fails unless the gateway, or another service, says that it lives and that just this is missing. */
async function assertMissing(service: ServiceName, asked: ServiceName = 'gateway'): Promise<void> {
  assert.equal((await readHealth('/healthz', asked)).status, 200);
  await eventually(async () => {
    const { status, text } = await readHealth('/readyz', asked);
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(text).missing, [service]);
  });
}

describe('media that is kept in memory', () => {
  it('is gone within 2 s of its quarantine, with its copies and thumbnails, and back after its release', async () => {
    const bytes = paintPng(120 + Math.floor(Math.random() * 500), 90);
    const [uri, copy] = [await user.upload(bytes, { type: 'image/png' }), await user.upload(bytes, { type: 'image/png' })];
    for (let round = 0; round < 3; round += 1) {
      for (const one of [uri, copy]) assertBytes(await user.download(one), bytes);
      assert.equal((await user.thumbnail(uri, SMALL)).status, 200);
    }
    await setQuarantine(uri, true);
    await eventually(async () => {
      for (const one of [uri, copy]) await assertGone(one);
      assertError(await user.thumbnail(uri, SMALL), 404, 'M_NOT_FOUND');
      assertError(await user.call(`/_matrix/media/v3/download/${uri.origin}/${uri.mediaId}`), 404, 'M_NOT_FOUND');
    }, BITES_WITHIN_MS);
    await setQuarantine(uri, false);
    await eventually(async () => assertBytes(await user.download(uri), bytes), BITES_WITHIN_MS);
  });

  it('is gone within 2 s of its deletion', async () => {
    const { uri } = await uploadKept(1000);
    await askMetadata((metadata) => metadata.deleteMedia({ keys: [{ ...uri }], by: '@admin:e2e.example' }));
    await eventually(() => assertGone(uri), BITES_WITHIN_MS);
  });

  it('whose bytes are lost is gone, too', async () => {
    const { uri } = await uploadKept(1000);
    const digest = (await user.download(uri)).headers.etag?.replaceAll('"', '') ?? '';
    await askMetadata((metadata) => metadata.markBlobs({ digests: [digest], store: COMMON_STORE, lost: true, by: 'test' }));
    await eventually(async () => assert.match(String(assertError(await user.download(uri), 404, 'M_NOT_FOUND')['error']), /lost/), BITES_WITHIN_MS);
  });
});

describe('without metadata', () => {
  it('what is held is answered until it is too old, what is hidden stays hidden, and all is there again', { timeout: 90_000 }, async () => {
    const [small, large, hidden] = [await uploadKept(1000), await uploadKept(LARGE_BYTES), await uploadKept(1000)];
    const unknown = await user.upload('never asked for');
    const pending = await user.create();
    await setQuarantine(hidden.uri, true);
    await eventually(() => assertGone(hidden.uri), BITES_WITHIN_MS);
    await mains.without('metadata', async () => {
      const killedAt = performance.now();
      for (const { uri, bytes } of [small, large]) assertBytes(await user.download(uri), bytes);
      await assertGone(hidden.uri);
      const down = [user.download(unknown), user.tryUpload('bytes'), user.put(pending, 'bytes'), user.tryCreate()];
      for (const answer of await Promise.all(down)) assertDown(answer);
      await assertMissing('metadata');
      assertJson(await user.call(CONFIG));
      assertError(await user.call(CONFIG, { token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
      assertBytes(await user.download(small.uri), small.bytes);
      await sleep(MAX_STALE_MS - (performance.now() - killedAt));
      for (const { uri } of [small, large, hidden]) assertDown(await user.download(uri));
    });
    await eventually(async () => assertBytes(await user.download(small.uri), small.bytes));
    await eventually(() => assertGone(hidden.uri));
    await eventually(async () => assertJson(await user.put(pending, 'bytes')));
  });

  it('a quarantine that came while the gateway heard nothing bites when it hears again', { timeout: 60_000 }, async () => {
    const { uri } = await uploadKept(1000);
    mains.signal('gateway', 'SIGSTOP');
    await setQuarantine(uri, true);
    mains.signal('gateway', 'SIGCONT');
    await eventually(() => assertGone(uri), BITES_WITHIN_MS);
  });
});

describe('without storage', () => {
  it('records and bodies in memory are answered, and the rest fails clearly', { timeout: 60_000 }, async () => {
    const [small, large] = [await uploadKept(1000), await uploadKept(LARGE_BYTES)];
    const etag = (await user.download(large.uri, { method: 'HEAD' })).headers.etag ?? '';
    await mains.without('storage', async () => {
      assertBytes(await user.download(small.uri), small.bytes);
      const head = await user.download(large.uri, { method: 'HEAD' });
      assert.equal(head.headers['content-length'], String(LARGE_BYTES));
      assert.equal((await user.download(large.uri, { headers: { 'if-none-match': etag } })).status, 304);
      await assertGone({ ...small.uri, mediaId: `${small.uri.mediaId}x` as MxcUri['mediaId'] });
      const pending = await user.create();
      assertJson(await user.call(CONFIG));
      for (const answer of await Promise.all([user.download(large.uri), user.tryUpload('bytes'), user.put(pending, 'bytes')])) assertDown(answer);
      await assertMissing('storage');
    });
    await eventually(async () => assertBytes(await user.download(large.uri), large.bytes));
  });
});

describe('the services that keep blobs in storage', () => {
  it('are not ready without it, say so, and are ready again by themselves', { timeout: 60_000 }, async () => {
    const services = ['thumbnail', 'url-preview', 'federation-fetch'] as const;
    await mains.without('storage', async () => {
      for (const service of services) await assertMissing('storage', service);
    });
    for (const service of services) await eventually(async () => assert.equal((await readHealth('/readyz', service)).status, 200), 15_000);
  });
});

describe('a blob that was damaged', () => {
  it('is never served as whole, and is told of', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const uri = await user.upload(bytes);
    const digest = (await user.download(uri, { method: 'HEAD' })).headers.etag?.replaceAll('"', '') ?? '';
    const entries = await readdir(site.dataFolder, { recursive: true, withFileTypes: true });
    const file = entries.find((entry) => entry.isFile() && join(entry.parentPath, entry.name).replaceAll('/', '').includes(digest));
    assert.ok(file, 'no file is named after the digest');
    await writeFile(join(file.parentPath, file.name), Buffer.from(bytes).fill(0, 5000, 5100));
    await assert.rejects(user.download(uri), { code: 'ECONNRESET' });
    const errors = () => mains.running('gateway')?.logs.filter((line) => line['level'] === 'error' && line['digest'] === digest) ?? [];
    await eventually(() => assert.equal(errors().length, 1));
    assert.match((await readHealth('/metrics')).text, /medley_gateway_blob_faults\S*fault="damaged"\S* [1-9]/);
  });
});

describe('an upload that never ends', () => {
  it('is cut when its time is over, and leaves nothing', { timeout: 30_000 }, async () => {
    const pending = await user.create();
    const before = await site.blobs.originals();
    const answer = await user.put(pending, repeatChunk(Buffer.alloc(100), 1000, () => sleep(100)));
    assertError(answer, 408, 'M_UNKNOWN');
    assert.ok(answer.tookMs < MAX_UPLOAD_MS + 2000, `took ${answer.tookMs} ms`);
    assert.deepEqual(await site.blobs.originals(), before);
    assertJson(await user.put(pending, 'bytes'));
  });
});

describe('a gateway that stops', () => {
  it('goes on for the delay, and asks everybody to connect anew', { timeout: 30_000 }, async () => {
    const { uri, bytes } = await uploadKept(1000);
    const stopping = mains.running('gateway');
    mains.signal('gateway', 'SIGTERM');
    await eventually(async () => assert.match((await readHealth('/readyz')).text, /stopping/), 1000);
    for (const answer of [await user.download(uri), await user.download(uri), await user.call(CONFIG)]) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.connection, 'close');
    }
    assert.equal(await stopping?.exited, 0, stopping?.tail());
    await mains.start('gateway');
    const again = await user.download(uri);
    assertBytes(again, bytes);
    assert.notEqual(again.headers.connection, 'close');
  });
});
