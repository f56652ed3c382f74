import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { paintPng } from '@medley/testing/images';
import { readThumbnail } from './endpoints/thumbnail.ts';
import { randomBody, streamOf } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { startSystem } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';

const system = await startSystem('one-process');
const { site } = system;
after(() => system[Symbol.asyncDispose]());

it('uploads, downloads and thumbnails in one process', async () => {
  const user = site.user();
  for (const bytes of [randomBody(10), randomBody(100_000), randomBody(5_000_000)]) {
    assertBytes(await user.download(await user.upload(streamOf(bytes, 60_000))), bytes);
  }
  const picture = await user.upload(paintPng(200, 100), { type: 'image/png' });
  assert.equal(readThumbnail(await user.thumbnail(picture, { width: 32, height: 32, method: 'crop' })).width, 32);
});

it('reserves, waits and fills in one process', async () => {
  const user = site.user();
  const pending = await user.create();
  const waiting = user.download(pending);
  assertJson(await user.put(pending, 'bytes'));
  assertBytes(await waiting, Buffer.from('bytes'));
  assertError(await user.put(pending, 'again'), 409, 'M_CANNOT_OVERWRITE_MEDIA');
});

it('refuses strangers and unknown media in one process', async () => {
  const user = site.user();
  assertError(await user.call(CONFIG, { token: undefined }), 401, 'M_MISSING_TOKEN');
  assertError(await user.call(CONFIG, { token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
  assertError(await user.call(`/_matrix/client/v1/media/download/${site.serverName}/unknown`), 404, 'M_NOT_FOUND');
  assertError(await user.call('/_matrix/media/v3/unknown'), 404, 'M_UNRECOGNIZED');
});
