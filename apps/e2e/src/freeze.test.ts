import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { parseDisposition } from './harness/disposition.ts';
import { assertBytes, assertError } from './harness/expect.ts';
import type { Answer, CallOptions } from './harness/http-call.ts';
import { assertMediaHeaders } from './harness/media-headers.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';
import { LEGACY_VERSIONS } from './endpoints/legacy.ts';
import { readThumbnail } from './endpoints/thumbnail.ts';

const PICTURE = paintPng(100, 50);
const SMALL = { width: 32, height: 32, method: 'crop' };

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());
const user = site.user();

/** Runs a Medley on the same data with the freeze on or off. */
async function running(freeze: boolean, act: () => Promise<void>): Promise<void> {
  await site.configure({ media: { freeze_unauthenticated: freeze } });
  using program = await startProgram('one-process', site);
  await act();
  await stopProgram(program);
}

function old(uri: MxcUri, kind: 'download' | 'thumbnail', options: CallOptions = {}, version = 'v3'): Promise<Answer> {
  return user.call(`/_matrix/media/${version}/${kind}/${uri.origin}/${uri.mediaId}`, { token: undefined, ...options });
}

async function assertOpen(uri: MxcUri): Promise<void> {
  for (const version of LEGACY_VERSIONS) {
    assertBytes(await old(uri, 'download', {}, version), PICTURE);
    assert.equal(readThumbnail(await old(uri, 'thumbnail', { query: SMALL }, version)).width, 32);
  }
}

async function assertFrozen(uri: MxcUri): Promise<void> {
  assertError(await old(uri, 'download'), 404, 'M_NOT_FOUND');
  assertError(await old(uri, 'thumbnail', { query: SMALL }), 404, 'M_NOT_FOUND');
  assertBytes(await user.download(uri), PICTURE);
}

/** All that the old paths answer for media that is not frozen. */
async function checkOldPaths(uri: MxcUri): Promise<void> {
  const answer = await old(uri, 'download');
  assertMediaHeaders(answer.headers);
  assert.equal(answer.headers['content-type'], 'image/png');
  assert.deepEqual(parseDisposition(answer.headers['content-disposition']), { type: 'inline', name: 'a.png' });
  // A token is not looked at (A11), and redirects are off whatever the client allows (N40).
  assertBytes(await old(uri, 'download', { token: 'nobody' }), PICTURE);
  for (const query of [{ allow_redirect: true }, { allow_redirect: false }, { allow_remote: false }, { timeout_ms: 0 }]) {
    assertBytes(await old(uri, 'download', { query }), PICTURE);
  }
  assertBytes(await old(uri, 'download', { headers: { range: 'bytes=1-3' } }), PICTURE.subarray(1, 4), 206);
  assert.equal((await old(uri, 'download', { headers: { 'if-none-match': answer.headers.etag } })).status, 304);
  assert.equal((await old(uri, 'download', { method: 'HEAD' })).headers['content-length'], String(PICTURE.byteLength));
  const named = await user.call(`/_matrix/media/v3/download/${uri.origin}/${uri.mediaId}/b%20c.png`, { token: undefined });
  assert.equal(parseDisposition(named.headers['content-disposition']).name, 'b c.png');
}

it('remembers for each media whether it was uploaded under the freeze, through off, on and off again', { timeout: 60_000 }, async () => {
  const uris: { before?: MxcUri; during?: MxcUri } = {};
  await running(false, async () => {
    uris.before = await user.upload(PICTURE, { type: 'image/png', name: 'a.png' });
    await assertOpen(uris.before);
    await checkOldPaths(uris.before);
    assertError(await old(await user.create(), 'download', { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
  });
  const { before } = uris;
  assert.ok(before !== undefined);
  await running(true, async () => {
    await assertOpen(before);
    uris.during = await user.upload(PICTURE, { type: 'image/png' });
    await assertFrozen(uris.during);
  });
  const { during } = uris;
  assert.ok(during !== undefined);
  await running(false, async () => {
    await assertOpen(before);
    await assertFrozen(during);
  });
});
