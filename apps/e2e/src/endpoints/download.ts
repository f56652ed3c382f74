import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { randomBody } from '../harness/bodies.ts';
import { parseDisposition } from '../harness/disposition.ts';
import { assertBytes, assertError, assertNotCacheable } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import { assertMediaHeaders } from '../harness/media-headers.ts';
import { INLINE_TYPES, NOT_INLINE_TYPES } from './inline-types.ts';
import type { System } from '../harness/system.ts';

const KIB = 1024;

/** GET and HEAD /_matrix/client/v1/media/download/{serverName}/{mediaId} */
export function describeDownload(system: System): void {
  describe('download', () => {
    bytes(system);
    headers(system);
    dispositions(system);
    unknownMedia(system);
    parameters(system);
  });
}

function bytes({ site }: System): void {
  // Around what the gateway keeps in memory, what comes inline, and what chunks hold.
  for (const size of [0, 1, 64 * KIB - 1, 64 * KIB + 1, 128 * KIB, 128 * KIB + 1, KIB * KIB + 1, 9 * KIB * KIB + 7]) {
    it(`gives ${size} bytes back as they came, again and again`, async () => {
      const user = site.user();
      const body = randomBody(size);
      const uri = await user.upload(body, { type: 'image/png' });
      for (let i = 0; i < 3; i += 1) assertBytes(await user.download(uri), body);
      assertBytes(await site.user().download(uri), body);
    });
  }

  it('serves many at once', async () => {
    const user = site.user();
    const bodies = Array.from({ length: 8 }, (_, index) => randomBody(100_000 + index));
    const media = await Promise.all(bodies.map(async (body) => ({ body, uri: await user.upload(body) })));
    const asked = [media, media, media, media, media].flat();
    const answers = await Promise.all(asked.map(async ({ body, uri }) => ({ body, answer: await user.download(uri) })));
    for (const { body, answer } of answers) assertBytes(answer, body);
  });

  it('sends the bytes as they are, whatever codings the client takes', async () => {
    const user = site.user();
    const body = Buffer.alloc(100_000, 'compress me ');
    const answer = await user.download(await user.upload(body, { type: 'text/plain' }), { headers: { 'accept-encoding': 'gzip, br' } });
    assertBytes(answer, body);
    assert.equal(answer.headers['content-encoding'], undefined);
  });
}

function headers({ site }: System): void {
  it('says all that it should say of the media', async () => {
    const user = site.user();
    const body = randomBody(1000);
    const answer = await user.download(await user.upload(body));
    assertMediaHeaders(answer.headers);
    assert.equal(answer.headers['cache-control'], 'private, max-age=31536000, immutable');
    assert.equal(answer.headers.etag, `"${createHash('sha256').update(body).digest('hex')}"`);
    assert.equal(answer.headers['accept-ranges'], 'bytes');
  });

  it('says to HEAD what it says to GET', async () => {
    const user = site.user();
    for (const size of [0, 1000, 3_000_000]) {
      const uri = await user.upload(randomBody(size), { type: 'image/png', name: 'a.png' });
      const [get, head] = [await user.download(uri), await user.download(uri, { method: 'HEAD' })];
      assert.equal(head.status, 200);
      assert.equal(head.body.byteLength, 0);
      const { date: _date, ...expected } = get.headers;
      const { date: _headDate, ...got } = head.headers;
      assert.deepEqual(withoutRequestId(got), withoutRequestId(expected));
    }
  });

  it('says to HEAD of what is not there that it is not there', async () => {
    const user = site.user();
    assert.equal((await user.call(`/_matrix/client/v1/media/download/${site.serverName}/unknown`, { method: 'HEAD' })).status, 404);
  });
}

function withoutRequestId(headers: object): object {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-request-id'));
}

function dispositions({ site }: System): void {
  it('shows the types of the specification in place, and no others', async () => {
    const user = site.user();
    for (const type of [...INLINE_TYPES, 'Text/Plain; charset=utf-8', 'IMAGE/PNG']) {
      const { headers } = await user.download(await user.upload('x', { type, name: 'n' }));
      assert.deepEqual(parseDisposition(headers['content-disposition']), { type: 'inline', name: 'n' }, type);
    }
    for (const type of NOT_INLINE_TYPES) {
      const { headers } = await user.download(await user.upload('x', { type, name: 'n' }));
      assert.deepEqual(parseDisposition(headers['content-disposition']), { type: 'attachment', name: 'n' }, type);
    }
  });
}

function unknownMedia({ site }: System): void {
  it('does not know ids that nobody has, nor our own name in another spelling', async () => {
    const user = site.user();
    const { origin, mediaId } = await user.upload('bytes');
    const ids = ['neverReserved', flipLastLetter(mediaId), 'x'.repeat(255)].map((id) => parseMxcParts(origin, id));
    const ours = [origin.toUpperCase(), `${origin}:8448`].map((server) => parseMxcParts(server, mediaId));
    for (const uri of [...ids, ...ours]) {
      const answer = await user.download(uri);
      assertError(answer, 404, 'M_NOT_FOUND');
      assertNotCacheable(answer);
    }
  });

  it('says no more of servers that can not be reached, or must not be, than that it failed', async () => {
    for (const server of ['remote.invalid', '[::1]:8448', '10.0.0.1', '169.254.169.254']) {
      const answer = await site.user().download(parseMxcParts(server, 'someId'));
      assertError(answer, 502, 'M_UNKNOWN');
      assertNotCacheable(answer);
    }
  });

  const badIds = ['a.b', '%2e%2e', '..%2f..%2fetc', 'a%2Fb', 'a%5Cb', 'a%00', '%00', '%C3%A9', 'a%20b', '%FF', '%zz', '%', 'a%2541'];
  for (const id of [...badIds, 'x'.repeat(256), 'x'.repeat(5000)]) {
    it(`refuses the media id ${id.slice(0, 20)}`, async () => {
      assertError(await site.user().call(`/_matrix/client/v1/media/download/${site.serverName}/${id}`), 400, 'M_INVALID_PARAM');
    });
  }

  const badNames = ['bad_host!', 'a%2Fb', '%5B::1', '[::1', '[::g]', 'host:999999', 'host:', 'host:0x50', 'h%00st', '256.1.1.1', 'h%C3%B6st', '..%2f..'];
  for (const name of [...badNames, 'a%20b', '@user', 'x'.repeat(256)]) {
    it(`refuses the server name ${name.slice(0, 20)}`, async () => {
      assertError(await site.user().call(`/_matrix/client/v1/media/download/${name}/abc`), 400, 'M_INVALID_PARAM');
    });
  }
}

/** The same id to whoever does not look at case. */
function flipLastLetter(id: string): string {
  const flip = (letter: string): string => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
  return id.replace(/[a-zA-Z](?=[^a-zA-Z]*$)/, flip);
}

function parameters({ site }: System): void {
  it('ignores parameters that it does not know, and never redirects', async () => {
    const user = site.user();
    const uri = await user.upload('bytes');
    for (const query of [{ allow_redirect: true }, { allow_remote: false }, { 'org.example.x': 'y', ts: 1 }, { timeout_ms: 0 }, { timeout_ms: 1e9 }]) {
      assertBytes(await user.download(uri, { query }), Buffer.from('bytes'));
    }
  });

  it('serves guests', async () => {
    const uri = await site.user().upload('bytes');
    assertBytes(await site.guest().call(downloadPath(uri)), Buffer.from('bytes'));
  });
}
