import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { randomBody, streamOf } from '../harness/bodies.ts';
import { parseDisposition } from '../harness/disposition.ts';
import { assertBytes, assertError, assertJson } from '../harness/expect.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

/** PUT /_matrix/media/v3/upload/{serverName}/{mediaId} */
export function describeUploadToMediaId(system: System): void {
  describe('upload to a media id', () => {
    filling(system);
    refusals(system);
    retries(system);
    races(system);
  });
}

function filling({ site }: System): void {
  it('fills a reserved id and answers {}', async () => {
    const user = site.user();
    const pending = await user.create();
    const bytes = randomBody(200_000);
    assert.deepEqual(assertJson(await user.put(pending, streamOf(bytes, 9_999), { type: 'image/png', name: 'a b.png' })), {});
    const answer = await user.download(pending);
    assertBytes(answer, bytes);
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.deepEqual(parseDisposition(answer.headers['content-disposition']), { type: 'inline', name: 'a b.png' });
  });

  it('takes a body without a type as application/octet-stream', async () => {
    const user = site.user();
    const pending = await user.create();
    assertJson(await user.put(pending, 'bytes'));
    assert.equal((await user.download(pending)).headers['content-type'], 'application/octet-stream');
  });
}

function refusals({ site }: System): void {
  it('does not know ids that nobody reserved, nor those of other servers', async () => {
    const user = site.user();
    const { origin, mediaId } = await user.create();
    assertError(await user.put(parseMxcParts(origin, 'neverReserved'), 'bytes'), 404, 'M_NOT_FOUND');
    assertError(await user.put(parseMxcParts('remote.example', mediaId), 'bytes'), 404, 'M_NOT_FOUND');
    assertError(await user.put(parseMxcParts(origin.toUpperCase(), mediaId), 'bytes'), 404, 'M_NOT_FOUND');
  });

  it('refuses everybody but the creator, also once it is filled, and before it looks at the body', async () => {
    const [creator, other] = [site.user(), site.user()];
    const pending = await creator.create();
    assertError(await other.put(pending, 'bytes'), 403, 'M_FORBIDDEN');
    assertError(await other.put(pending, 'bytes', { headers: { 'content-length': MAX_UPLOAD_BYTES + 1 } }), 403, 'M_FORBIDDEN');
    assertJson(await creator.put(pending, 'bytes'));
    assertError(await other.put(pending, 'bytes'), 403, 'M_FORBIDDEN');
  });

  it('never overwrites, not even with nothing or with too much', async () => {
    const user = site.user();
    const pending = await user.create();
    assertJson(await user.put(pending, 'first'));
    assertError(await user.put(pending, 'second', { type: 'text/plain' }), 409, 'M_CANNOT_OVERWRITE_MEDIA');
    assertError(await user.put(pending, ''), 409, 'M_CANNOT_OVERWRITE_MEDIA');
    const tooLarge = { headers: { 'content-length': MAX_UPLOAD_BYTES + 1 } };
    assertError(await user.put(pending, 'x', tooLarge), 409, 'M_CANNOT_OVERWRITE_MEDIA');
    assertBytes(await user.download(pending), Buffer.from('first'));
  });

  it('does not overwrite what came by a plain upload', async () => {
    const user = site.user();
    const uri = await user.upload('first');
    assertError(await user.put(uri, 'second'), 409, 'M_CANNOT_OVERWRITE_MEDIA');
    assertBytes(await user.download(uri), Buffer.from('first'));
  });

  it('does the same for an id that is filled and one that is not when the id is malformed', async () => {
    const user = site.user();
    for (const path of ['a.b', '%2e%2e', 'a%2Fb', 'a%00b', '%C3%A9', 'x'.repeat(256)]) {
      const answer = await user.call(`/_matrix/media/v3/upload/${site.serverName}/${path}`, { method: 'PUT', body: 'bytes' });
      assertError(answer, 400, 'M_INVALID_PARAM');
    }
    const badServer = await user.call('/_matrix/media/v3/upload/bad_host!/abc', { method: 'PUT', body: 'bytes' });
    assertError(badServer, 400, 'M_INVALID_PARAM');
  });
}

function retries({ site }: System): void {
  it('leaves the id pending when the body is too large or its type is malformed', async () => {
    const user = site.user();
    const pending = await user.create();
    const before = await site.blobs.originals();
    assertError(await user.put(pending, streamOf(Buffer.alloc(MAX_UPLOAD_BYTES + 1, 'w'), 65_536)), 413, 'M_TOO_LARGE');
    assertError(await user.put(pending, 'bytes', { type: `a/${'b'.repeat(254)}` }), 400, 'M_INVALID_PARAM');
    assert.deepEqual(await site.blobs.originals(), before);
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    assertJson(await user.put(pending, 'at last'));
    assertBytes(await user.download(pending), Buffer.from('at last'));
  });
}

function races({ site }: System): void {
  it('lets exactly one of two uploads at once win', async () => {
    const user = site.user();
    for (let round = 0; round < 5; round += 1) {
      const pending = await user.create();
      const bodies = [randomBody(150_000), randomBody(150_000)];
      const answers = await Promise.all(bodies.map((body) => user.put(pending, streamOf(body, 10_000))));
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 409]);
      const winner = answers.findIndex((answer) => answer.status === 200);
      assertBytes(await user.download(pending), bodies[winner] ?? Buffer.alloc(0));
    }
  });
}
