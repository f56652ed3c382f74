import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { readThumbnail } from './endpoints/thumbnail.ts';
import { assertError, assertNotCacheable } from './harness/expect.ts';
import type { Answer } from './harness/http-call.ts';
import { startSystem, type System } from './harness/system.ts';

const REQUESTS = 40;
/** Far more than an idle gateway takes, far less than the thumbnails do. */
const RESPONSIVE_MS = 1000;

describe('with sizes made ahead, one slot and no queue', () => {
  let system: System;

  before(async () => {
    system = await startSystem('services', { config: { thumbnails: { prepare: 'standard', slots: 1, max_queued: 0 } } });
  });
  after(() => system[Symbol.asyncDispose]());

  it('the five standard sizes are there without anybody asking, however the image was uploaded', async () => {
    const { site } = system;
    const user = site.user();
    const pending = await user.create();
    const known = (await site.blobs.keys()).length;
    await user.put(pending, paintPng(900, 700), { type: 'image/png' });
    await eventually(async () => assert.equal((await site.blobs.keys()).length, known + 6));
    await user.upload(paintPng(901, 700), { type: 'image/png' });
    await eventually(async () => assert.equal((await site.blobs.keys()).length, known + 12));
  });

  it('who comes when all is busy is told when to come back, small images come as they are, and the gateway stays responsive', async (t: TestContext) => {
    const { site } = system;
    const user = site.user();
    const uris = await Promise.all(Array.from({ length: REQUESTS }, (_, index) => user.upload(paintPng(700 + index, 500), { type: 'text/plain' })));
    const small = paintPng(40, 30);
    const smallUri = await user.upload(small, { type: 'text/plain' });
    const asked = Promise.all(uris.map((uri) => user.thumbnail(uri, { width: 640, height: 480, method: 'crop' })));
    const meanwhile = await Promise.all(Array.from({ length: 5 }, () => user.call('/_matrix/client/v1/media/config')));
    const smallAnswer = await user.thumbnail(smallUri, { width: 64, height: 64 });
    const answers = await asked;
    const refused = answers.filter(({ status }) => status === 503);
    t.diagnostic(`${refused.length} of ${REQUESTS} refused; the gateway took ${Math.max(...meanwhile.map(({ tookMs }) => tookMs)).toFixed(0)} ms for something else`);
    refused.forEach(checkRefusal);
    for (const answer of answers) if (answer.status !== 503) assert.equal(readThumbnail(answer).width, 640);
    assert.ok(refused.length > 0 && refused.length < REQUESTS);
    assert.deepEqual([readThumbnail(smallAnswer).width, readThumbnail(smallAnswer).height], [40, 30]);
    assert.ok(meanwhile.every(({ status, tookMs }) => status === 200 && tookMs < RESPONSIVE_MS));
  });
});

function checkRefusal(answer: Answer): void {
  assertError(answer, 503, 'M_UNKNOWN');
  assert.match(answer.headers['retry-after'] ?? '', /^[1-9][0-9]*$/);
  assert.match(answer.headers.vary ?? '', /\bAccept\b/);
  assertNotCacheable(answer);
}
