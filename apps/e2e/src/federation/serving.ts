import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { paintPng } from '@medley/testing/images';
import { parseDisposition } from '../harness/disposition.ts';
import { assertError, assertJson, assertNotCacheable } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import { thumbnailPath, type UploadOptions } from '../harness/media-user.ts';
import { ask, servedDownload, servedThumbnail, type ServingScene } from './serving-scene.ts';
import { STRICT_READERS, type ReadFile } from './strict-readers.ts';

/** Files that readers of multipart might stumble over. */
const FILES: Readonly<Record<string, UploadOptions & { readonly bytes: Buffer }>> = {
  'text': { bytes: Buffer.from('text'), type: 'text/plain', name: 'text.txt' },
  'no byte': { bytes: Buffer.alloc(0), type: 'text/plain' },
  'a file without a type': { bytes: Buffer.from([0, 1, 2]) },
  'a name beyond ASCII': { bytes: Buffer.from('x'), type: 'image/png', name: 'Grüße; "日本" 100%.png' },
  'a type with parameters': { bytes: Buffer.from('x'), type: 'multipart/mixed; boundary="x y"' },
  'line ends at both ends': { bytes: Buffer.from('\r\n\r\nx\r\n\r\n') },
  'what looks like an end': { bytes: Buffer.from('\r\n--\r\n--x--\r\n\r\n--') },
  'many bytes': { bytes: randomBytes(3_000_000), type: 'video/mp4', name: 'many.mp4' },
};

/** Reads an answer as every other server would; fails unless all of them read the same. */
export function readServed({ status, headers, body }: Answer): ReadFile {
  assert.equal(status, 200, body.toString('utf8', 0, 200));
  assert.equal(headers['content-length'], String(body.byteLength));
  const [first, ...others] = Object.values(STRICT_READERS).map((read) => read(headers['content-type'] ?? '', body));
  assert.ok(first !== undefined);
  for (const other of others) assert.deepEqual(other, first);
  return first;
}

/** What other servers get of our media: the federation API's two endpoints. */
export function servesMedia(scene: ServingScene): void {
  describe('media for another server', () => {
    comesInForm(scene);
    comesWhole(scene);
    comesInTime(scene);
  });
  servesThumbnails(scene);
}

function comesInForm(scene: ServingScene): void {
  for (const [what, { bytes, type, name, ...options }] of Object.entries(FILES)) {
    it(`is read alike by all servers: ${what}`, async () => {
      const uri = await scene.user.upload(bytes, { ...options, ...(type && { type }), ...(name && { name }) });
      const file = readServed(await ask(scene, servedDownload(uri)));
      assert.ok(file.bytes.equals(bytes), `${file.bytes.byteLength} bytes`);
      assert.equal(file.contentType, type ?? 'application/octet-stream');
      assert.equal(parseDisposition(file.disposition).name, name);
      const { headers } = await scene.user.download(uri);
      assert.deepEqual([file.contentType, file.disposition], [headers['content-type'], headers['content-disposition']], 'as a client gets it');
    });
  }
}

function comesWhole(scene: ServingScene): void {
  it('is the whole, whatever range is asked for', async () => {
    const uri = await scene.user.upload('0123456789');
    const answer = await ask(scene, servedDownload(uri), { headers: { 'range': 'bytes=2-3', 'if-none-match': '*' } });
    assert.equal(readServed(answer).bytes.toString(), '0123456789');
    assert.equal(answer.headers['accept-ranges'], undefined);
  });

  it('has its length said to HEAD', async () => {
    const uri = await scene.user.upload('0123456789');
    const [head, get] = await Promise.all(['HEAD', 'GET'].map((method) => ask(scene, servedDownload(uri), { method })));
    assert.deepEqual([head?.status, head?.body.byteLength, head?.headers['content-length']], [200, 0, get?.headers['content-length']]);
  });

  it('is served although those who show nobody do not get it', async () => {
    const uri = await scene.user.upload('frozen');
    assertError(await scene.user.call(`/_matrix/media/v3/download/${uri.origin}/${uri.mediaId}`, { token: undefined }), 404, 'M_NOT_FOUND');
    assert.equal(readServed(await ask(scene, servedDownload(uri))).bytes.toString(), 'frozen');
  });
}

function comesInTime(scene: ServingScene): void {
  const { user } = scene;

  it('is waited for while it is being uploaded, without and with an end to that', async () => {
    const pending = await user.create();
    const waiting = ['?timeout_ms=30000', ''].map((query) => ask(scene, servedDownload(pending, query)));
    // So that they wait: had they come later, the test would pass without anybody waiting, and not fail wrongly.
    await sleep(200);
    assertJson(await user.put(pending, 'here it is'));
    for (const answer of await Promise.all(waiting)) assert.equal(readServed(answer).bytes.toString(), 'here it is');
  });

  it('is not there yet when the time is over, and may be later', async () => {
    const pending = await user.create();
    const answer = await ask(scene, servedDownload(pending, '?timeout_ms=300'));
    assertError(answer, 504, 'M_NOT_YET_UPLOADED');
    assertNotCacheable(answer);
    assert.ok(answer.tookMs >= 280, `took ${answer.tookMs} ms`);
    assertError(await ask(scene, servedThumbnail(pending, 'width=32&height=32&timeout_ms=0')), 504, 'M_NOT_YET_UPLOADED');
    assertJson(await user.put(pending, 'later'));
    assert.equal(readServed(await ask(scene, servedDownload(pending))).bytes.toString(), 'later');
  });
}

function servesThumbnails(scene: ServingScene): void {
  const { user } = scene;

  describe('a thumbnail for another server', () => {
    it('has the very bytes that a client gets', async () => {
      const uri = await user.upload(paintPng(400, 200), { type: 'image/png' });
      for (const query of ['width=32&height=32&method=crop', 'width=320&height=240&method=scale&animated=false']) {
        const ours = await user.call(`${thumbnailPath(uri)}?${query}`);
        const file = readServed(await ask(scene, servedThumbnail(uri, query)));
        assert.ok(file.bytes.equals(ours.body));
        assert.deepEqual([file.contentType, file.disposition], ['image/png', ours.headers['content-disposition']]);
      }
    });

    it('is refused as it is to clients', async () => {
      const [text, picture] = [await user.upload('no picture', { type: 'image/png' }), await user.upload(paintPng(40, 40), { type: 'image/png' })];
      assertError(await ask(scene, servedThumbnail(text, 'width=32&height=32')), 400, 'M_UNKNOWN');
      assertError(await ask(scene, servedThumbnail(picture, 'width=32')), 400, 'M_MISSING_PARAM');
      assertError(await ask(scene, servedThumbnail(picture, 'width=32&height=0')), 400, 'M_INVALID_PARAM');
    });
  });
}
