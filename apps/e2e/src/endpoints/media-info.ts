import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { ANIMATED_WEBP, SIDEWAYS_JPEG } from '@medley/testing/image-fixtures';
import { assertError, assertJson, assertNotCacheable } from '../harness/expect.ts';
import { readContentUri } from '../harness/media-user.ts';
import type { System } from '../harness/system.ts';

const BLURHASH = /^[0-9A-Za-z#$%*+,\-.:;=?@[\]^_{|}~]{28}$/;
const UNSTABLE = 'xyz.amorgan.';

/** GET /_medley/v1/media/{serverName}/{mediaId}/info, and MSC2448's BlurHash on upload. */
export function describeMediaInfo(system: System): void {
  describe('media info', () => {
    infos(system);
    blurHashes(system);
  });
}

function infoPath({ origin, mediaId }: MxcUri): string {
  return `/_medley/v1/media/${origin}/${mediaId}/info`;
}

function infos({ site }: System): void {
  it('says what an image looks like, the same each time, to users and guests', async () => {
    const user = site.user();
    const uri = await user.upload(SIDEWAYS_JPEG, { type: 'image/x-unknown' });
    const answer = await user.call(infoPath(uri));
    const { image, ...rest } = assertJson(answer);
    const sha256 = createHash('sha256').update(SIDEWAYS_JPEG).digest('hex');
    assert.deepEqual(rest, { content_uri: toMxcText(uri), content_type: 'image/x-unknown', size: SIDEWAYS_JPEG.byteLength, sha256 });
    const { blurhash, thumbhash, ...facts } = image as Record<string, unknown>;
    assert.deepEqual(facts, { content_type: 'image/jpeg', width: 48, height: 64, frame_count: 1 });
    assert.match(String(blurhash), BLURHASH);
    assert.ok(Buffer.from(String(thumbhash), 'base64').byteLength > 10);
    assert.deepEqual(assertJson(await site.guest().call(infoPath(uri))), assertJson(answer));
    assertNotCacheable(answer);
  });

  it('counts frames, and says nothing of an image where there is none', async () => {
    const user = site.user();
    const moving = assertJson(await user.call(infoPath(await user.upload(ANIMATED_WEBP))));
    assert.equal((moving['image'] as Record<string, unknown>)['frame_count'], 3);
    const text = assertJson(await user.call(infoPath(await user.upload('text', { type: 'text/plain' }))));
    assert.deepEqual([text['content_type'], text['size'], 'image' in text], ['text/plain', 4, false]);
  });

  it('is for those who have a token, of media that is here', async () => {
    const user = site.user();
    const uri = await user.upload('text');
    assertError(await user.call(infoPath(uri), { token: undefined }), 401, 'M_MISSING_TOKEN');
    assertError(await user.call(infoPath(uri), { token: 'wrong' }), 401, 'M_UNKNOWN_TOKEN');
    assertError(await user.call(infoPath(parseMxcParts(uri.origin, 'neverReserved'))), 404, 'M_NOT_FOUND');
    assertError(await user.call('/_medley/v1/media/e2e.example/a.b/info'), 400, 'M_INVALID_PARAM');
  });
}

function blurHashes({ site }: System): void {
  for (const name of ['generate_blurhash', `${UNSTABLE}generate_blurhash`]) {
    it(`gives a BlurHash with an upload that asks for it by ${name}`, async () => {
      const user = site.user();
      const upload = (body: Buffer, query: Record<string, string>) => user.call('/_matrix/media/v3/upload', { method: 'POST', body, query });
      const answer = await upload(SIDEWAYS_JPEG, { [name]: 'true' });
      const { blurhash, [`${UNSTABLE}blurhash`]: unstable } = assertJson(answer);
      assert.match(String(blurhash), BLURHASH);
      assert.equal(unstable, blurhash);
      const info = assertJson(await user.call(infoPath(readContentUri(answer))));
      assert.equal((info['image'] as Record<string, unknown>)['blurhash'], blurhash);
      assert.deepEqual(Object.keys(assertJson(await upload(Buffer.from('no image'), { [name]: 'true' }))), ['content_uri']);
      assert.deepEqual(Object.keys(assertJson(await upload(SIDEWAYS_JPEG, { [name]: 'false' }))), ['content_uri']);
    });
  }
}
