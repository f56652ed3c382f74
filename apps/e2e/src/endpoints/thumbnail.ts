import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { ANIMATED_GIF, SIDEWAYS_JPEG, STILL_GIF, STILL_WEBP } from '@medley/testing/image-fixtures';
import { readImageFacts, type ImageFacts } from '@medley/testing/image-size';
import { paintPng, paintTransparentPng } from '@medley/testing/images';
import { decodePng } from '@medley/testing/png';
import { parseDisposition } from '../harness/disposition.ts';
import { assertError, assertNotCacheable } from '../harness/expect.ts';
import type { Answer, Query } from '../harness/http-call.ts';
import { thumbnailPath, type MediaUser } from '../harness/media-user.ts';
import { assertMediaHeaders } from '../harness/media-headers.ts';
import type { System } from '../harness/system.ts';

const TYPES = ['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'image/webp'];

/** Fails unless the answer is a thumbnail with all that belongs to one (N90); answers with what it is. */
export function readThumbnail(answer: Answer): ImageFacts {
  assert.equal(answer.status, 200, answer.body.toString('utf8', 0, 200));
  const { type, name } = parseDisposition(answer.headers['content-disposition']);
  assert.equal(type, 'inline');
  assert.ok(name !== undefined && name.startsWith('thumbnail.'), `named ${name}`);
  const facts = readImageFacts(answer.body);
  assert.ok(TYPES.includes(answer.headers['content-type'] ?? ''));
  assert.equal(answer.headers['content-type'], facts.type);
  assert.equal(answer.headers['content-length'], String(answer.body.byteLength));
  assertMediaHeaders(answer.headers);
  return facts;
}

/** GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId} */
export function describeThumbnail(system: System): void {
  describe('thumbnail', () => {
    sizes(system);
    kinds(system);
    headers(system);
    unknownMedia(system);
  });
}

async function sizeOf(user: MediaUser, uri: MxcUri, query: Query): Promise<readonly [number, number]> {
  const { width, height } = readThumbnail(await user.thumbnail(uri, query));
  return [width, height];
}

function sizes({ site }: System): void {
  it('makes the five standard sizes, never smaller than asked, in the right shape', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(1000, 500), { type: 'image/png' });
    assert.deepEqual(await sizeOf(user, uri, { width: 32, height: 32, method: 'crop' }), [32, 32]);
    assert.deepEqual(await sizeOf(user, uri, { width: 96, height: 96, method: 'crop' }), [96, 96]);
    assert.deepEqual(await sizeOf(user, uri, { width: 320, height: 240, method: 'scale' }), [480, 240]);
    assert.deepEqual(await sizeOf(user, uri, { width: 640, height: 480, method: 'scale' }), [960, 480]);
    assert.deepEqual(await sizeOf(user, uri, { width: 800, height: 600, method: 'scale' }), [1000, 500]);
  });

  it('scales where no method is named', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(1000, 500), { type: 'image/png' });
    assert.deepEqual(await sizeOf(user, uri, { width: 320, height: 240 }), [480, 240]);
  });

  it('never makes an odd size smaller than asked, and keeps the shape', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(900, 700), { type: 'image/png' });
    const crops = [[33, 33, 'crop'], [128, 128, 'crop'], [100, 50, 'crop']] as const;
    for (const [width, height, method] of [...crops, [77, 200, 'scale'], [500, 1, 'scale'], [321, 241, 'scale']] as const) {
      const [gotWidth, gotHeight] = await sizeOf(user, uri, { width, height, method });
      assert.ok(gotWidth >= width && gotHeight >= height, `asked ${width}×${height} ${method}, got ${gotWidth}×${gotHeight}`);
      assert.ok(gotWidth <= 900 && gotHeight <= 700, `enlarged to ${gotWidth}×${gotHeight}`);
      const shape = method === 'scale' ? 900 / 700 : 1;
      if (width === height || method === 'scale') assert.ok(Math.abs(gotWidth / gotHeight - shape) < 0.03, `${gotWidth}×${gotHeight}`);
    }
  });

  it('never enlarges', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(10, 10), { type: 'image/png' });
    for (const side of [32, 320, 1600, 100_000]) {
      for (const method of ['scale', 'crop']) assert.deepEqual(await sizeOf(user, uri, { width: side, height: side, method }), [10, 10]);
    }
  });

  it('crops no more than it must where the image is narrower than asked', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(1000, 20), { type: 'image/png' });
    const [width, height] = await sizeOf(user, uri, { width: 96, height: 96, method: 'crop' });
    assert.ok(width >= 20 && width <= 1000 && height === 20, `${width}×${height}`);
  });

  it('makes the same of sizes close to each other, so that nobody fills the store with sizes', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(400, 400), { type: 'image/png' });
    const before = (await site.blobs.keys()).length;
    for (let side = 97; side <= 128; side += 3) await user.thumbnail(uri, { width: side, height: side, method: 'crop' });
    assert.ok((await site.blobs.keys()).length <= before + 1);
  });
}

function kinds({ site }: System): void {
  it('keeps PNG a PNG that decodes, and its transparency', async () => {
    const user = site.user();
    const opaque = await user.thumbnail(await user.upload(paintPng(200, 100)), { width: 32, height: 32, method: 'scale' });
    assert.equal(readThumbnail(opaque).type, 'image/png');
    assert.deepEqual([decodePng(opaque.body).width, decodePng(opaque.body).height], [64, 32]);
    const clear = await user.thumbnail(await user.upload(paintTransparentPng(200, 100)), { width: 32, height: 32, method: 'scale' });
    const { data, channels } = decodePng(clear.body);
    assert.equal(channels, 4);
    assert.deepEqual([data[3], data[63 * 4 + 3]], [0, 255]);
  });

  it('turns a picture the way its EXIF says, and forgets where it was taken', async () => {
    const user = site.user();
    const uri = await user.upload(SIDEWAYS_JPEG, { type: 'image/jpeg' });
    for (const [width, height, method] of [[16, 16, 'scale'], [32, 32, 'crop'], [800, 600, 'scale']] as const) {
      const answer = await user.thumbnail(uri, { width, height, method });
      const facts = readThumbnail(answer);
      if (method === 'scale') assert.ok(facts.height > facts.width, `${facts.width}×${facts.height}`);
      for (const mark of ['Exif', 'Medley test', 'http://ns.adobe.com/xap/1.0/']) assert.ok(!answer.body.includes(mark), mark);
    }
    assert.ok((await user.download(uri)).body.equals(SIDEWAYS_JPEG));
  });

  for (const [kind, image] of Object.entries({ 'a still GIF': STILL_GIF, 'an animated GIF': ANIMATED_GIF, 'a WebP': STILL_WEBP })) {
    it(`makes a still thumbnail of ${kind}, small or not`, async () => {
      const user = site.user();
      const uri = await user.upload(image);
      for (const query of [{ width: 16, height: 16 }, { width: 640, height: 480 }, { width: 640, height: 480, animated: false }]) {
        const facts = readThumbnail(await user.thumbnail(uri, query));
        assert.equal(facts.animated, false);
        assert.ok(facts.width <= 64 && facts.height <= 48);
      }
    });
  }

  it('believes the bytes, not the type that the uploader named', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(100, 100), { type: 'image/jpeg' });
    assert.equal(readThumbnail(await user.thumbnail(uri, { width: 32, height: 32, method: 'crop' })).type, 'image/png');
  });

  it('makes of what cannot move a still thumbnail, even if it shall move', async () => {
    const user = site.user();
    const uri = await user.upload(SIDEWAYS_JPEG, { type: 'image/jpeg' });
    assert.equal(readThumbnail(await user.thumbnail(uri, { width: 32, height: 32, animated: true })).animated, false);
  });
}

function headers({ site }: System): void {
  it('says all that it should say, and makes the same bytes again', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(300, 300), { type: 'image/png', name: 'secret name.png' });
    const query = { width: 96, height: 96, method: 'crop' };
    const [one, two] = [await user.thumbnail(uri, query), await site.guest().thumbnail(uri, query)];
    readThumbnail(one);
    assert.ok(one.body.equals(two.body));
    assert.equal(one.headers['cache-control'], 'private, max-age=31536000, immutable');
    assert.match(one.headers.etag ?? '', /^"[^"]+"$/);
    const again = await user.thumbnail(uri, query, { headers: { 'if-none-match': one.headers.etag } });
    assert.deepEqual([again.status, again.body.byteLength, again.headers.etag], [304, 0, one.headers.etag]);
    assertError(await user.thumbnail(uri, query, { token: undefined, headers: { 'if-none-match': one.headers.etag } }), 401, 'M_MISSING_TOKEN');
  });

  it('answers HEAD as GET, without the bytes', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(300, 300), { type: 'image/png' });
    const [get, head] = [await user.thumbnail(uri, { width: 32, height: 32 }), await user.thumbnail(uri, { width: 32, height: 32 }, { method: 'HEAD' })];
    assert.equal(head.status, 200);
    for (const name of ['content-type', 'content-length', 'etag', 'content-disposition'] as const) assert.equal(head.headers[name], get.headers[name]);
  });
}

function unknownMedia({ site }: System): void {
  it('does not know ids that nobody has, nor gets those of servers that can not be reached', async () => {
    const user = site.user();
    const { origin, mediaId } = await user.upload(paintPng(50, 50));
    for (const [uri, status, errcode] of [[parseMxcParts(origin, 'neverReserved'), 404, 'M_NOT_FOUND'], [parseMxcParts('remote.invalid', mediaId), 502, 'M_UNKNOWN']] as const) {
      const answer = await user.thumbnail(uri, { width: 32, height: 32 });
      assertError(answer, status, errcode);
      assertNotCacheable(answer);
    }
  });

  it('refuses ids and server names outside the grammar', async () => {
    const user = site.user();
    for (const path of ['e2e.example/a.b', 'e2e.example/%2e%2e', 'e2e.example/a%00', 'bad_host!/abc']) {
      const answer = await user.call(`/_matrix/client/v1/media/thumbnail/${path}`, { query: { width: 32, height: 32 } });
      assertError(answer, 400, 'M_INVALID_PARAM');
    }
  });

  it('gives the thumbnail of a pending upload as soon as it is there', async () => {
    const user = site.user();
    const pending = await user.create();
    const waiting = user.call(thumbnailPath(pending), { query: { width: 32, height: 32, method: 'crop', timeout_ms: 20_000 } });
    await user.put(pending, paintPng(64, 64));
    assert.equal(readThumbnail(await waiting).width, 32);
  });
}
