import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { randomBody } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import type { Answer } from './harness/http-call.ts';
import { Mains } from './harness/mains.ts';
import { Site } from './harness/site.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const SMALL = { width: 32, height: 32, method: 'crop' };
/** Larger than what a gateway keeps in memory. */
const LARGE_BYTES = 1_000_000;
/** How long a service that is gone may be waited for, and one that hangs. */
const GONE_MS = 8000;
const HUNG_MS = 20_000;

const mains = await Mains.start(await Site.open({ config: { thumbnails: { timeout: '5s' } } }));
const { site } = mains;
const user = site.user();
after(() => mains[Symbol.asyncDispose]());

interface Uploaded {
  readonly uri: MxcUri;
  readonly bytes: Buffer;
}

async function upload(): Promise<Uploaded> {
  const bytes = randomBody(LARGE_BYTES);
  return { uri: await user.upload(bytes), bytes };
}

/** One clear error that says to come back, soon enough. */
function assertDown(answer: Answer, limitMs: number): void {
  assertError(answer, 503, 'M_UNKNOWN');
  assert.match(answer.headers['retry-after'] ?? '', /^[0-9]+$/);
  assert.ok(answer.tookMs < limitMs, `took ${answer.tookMs} ms`);
}

async function assertReady(status: number): Promise<void> {
  await eventually(async () => assert.equal((await fetch(`http://127.0.0.1:${site.ports.metrics}/readyz`)).status, status));
}

describe('without the thumbnailer', () => {
  it('thumbnails fail clearly and all else works', async () => {
    const picture = await user.upload(paintPng(300, 200), { type: 'image/png' });
    await mains.without('thumbnail', async () => {
      assertDown(await user.thumbnail(picture, SMALL), GONE_MS);
      const { uri, bytes } = await upload();
      assertBytes(await user.download(uri), bytes);
      assertJson(await user.put(await user.create(), 'bytes'));
      await assertReady(200);
    });
    await eventually(async () => assert.equal((await user.thumbnail(picture, SMALL)).status, 200));
  });
});

describe('without storage', () => {
  it('uploads fail clearly, ids stay pending, and what was there is there again', async () => {
    const { uri, bytes } = await upload();
    const pending = await user.create();
    await mains.without('storage', async () => {
      const body = randomBody(LARGE_BYTES);
      const down = [user.tryUpload(body), user.put(pending, body), user.download(uri), user.thumbnail(uri, SMALL)];
      for (const answer of await Promise.all(down)) assertDown(answer, GONE_MS);
      assertJson(await user.call(CONFIG));
      assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
      await user.create();
      await assertReady(503);
    });
    await eventually(async () => assertBytes(await user.download(uri), bytes));
    assertJson(await user.put(pending, 'bytes'));
    assertBytes(await user.download(pending), Buffer.from('bytes'));
  });
});

describe('without metadata', () => {
  it('uploads and unknown ids fail clearly, and all that was promised is there again', async () => {
    const { uri, bytes } = await upload();
    const pending = await user.create();
    await mains.without('metadata', async () => {
      const now = { timeout_ms: 0 };
      const reads = [user.download(pending, { query: now }), user.thumbnail(pending, { ...SMALL, ...now })];
      const down = [user.tryUpload('bytes'), user.tryCreate(), user.put(pending, 'bytes'), ...reads];
      for (const answer of await Promise.all(down)) assertDown(answer, GONE_MS);
      assertJson(await user.call(CONFIG));
      assertError(await user.call(CONFIG, { token: undefined }), 401, 'M_MISSING_TOKEN');
      await assertReady(503);
    });
    await eventually(async () => assertJson(await user.put(pending, 'bytes')));
    assertBytes(await user.download(pending), Buffer.from('bytes'));
    assertBytes(await user.download(uri), bytes);
  });
});

/** A process that is there and does not answer is told from one that is slow only by the clock. */
function assertHung(answer: Answer): void {
  assert.ok(answer.status === 503 || answer.status === 504, `got ${answer.status} ${answer.body}`);
  assertError(answer, answer.status, 'M_UNKNOWN');
  assert.ok(answer.tookMs < HUNG_MS, `took ${answer.tookMs} ms`);
}

describe('with a service that hangs', () => {
  it('everything that needs storage or the thumbnailer ends in time, and all else works', { timeout: 60_000 }, async () => {
    const { uri, bytes } = await upload();
    const picture = await user.upload(paintPng(400, 200), { type: 'image/png' });
    const pending = await user.create();
    for (const service of ['storage', 'thumbnail'] as const) mains.signal(service, 'SIGSTOP');
    try {
      const hung = [user.download(uri), user.tryUpload(randomBody(LARGE_BYTES)), user.put(pending, randomBody(LARGE_BYTES)), user.thumbnail(picture, SMALL)];
      const fine = [user.call(CONFIG), user.tryCreate()];
      for (const answer of await Promise.all(fine)) assertJson(answer);
      for (const answer of await Promise.all(hung)) assertHung(answer);
    } finally {
      for (const service of ['storage', 'thumbnail'] as const) mains.signal(service, 'SIGCONT');
    }
    await eventually(async () => assertBytes(await user.download(uri), bytes));
    await eventually(async () => assertJson(await user.put(pending, 'bytes')));
  });

  it('everything that needs metadata ends in time', { timeout: 60_000 }, async () => {
    const pending = await user.create();
    mains.signal('metadata', 'SIGSTOP');
    try {
      const hung = [user.tryCreate(), user.tryUpload('bytes'), user.put(pending, 'bytes'), user.download(pending, { query: { timeout_ms: 0 } })];
      assertJson(await user.call(CONFIG));
      for (const answer of await Promise.all(hung)) assertHung(answer);
    } finally {
      mains.signal('metadata', 'SIGCONT');
    }
    await eventually(async () => assert.equal((await user.tryUpload('bytes')).status, 200));
  });
});
