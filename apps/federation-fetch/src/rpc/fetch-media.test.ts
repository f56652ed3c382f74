import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromBase64 } from '@medley/matrix/base64';
import { isSignedBy } from '@medley/matrix/verify-json';
import { parseXMatrixHeaders, requestObject } from '@medley/matrix/x-matrix';
import { refuse, sendMedia, type RemoteScript } from '@medley/testing/fake-remote';
import { toMultipart, toRedirect, type MultipartAnswer } from '@medley/testing/fake-remote-multipart';
import { OWN_NAME, TestFetch } from './federation-fetch.fixture.ts';

const PICTURE = { bytes: Buffer.from('a picture'), contentType: 'image/png', uploadName: 'Grüße.png' };
const FEDERATION = '/_matrix/federation/v1/media/download/media';
/** Of the seed that the fixture signs with (the specification's own). */
const OWN_KEY = fromBase64('XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI', 32) ?? assert.fail();

function send({ contentType, body }: MultipartAnswer, headers: Readonly<Record<string, string>> = {}): RemoteScript {
  return (_request, response) => response.writeHead(200, { 'content-type': contentType, ...headers }).end(body);
}

function plain(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): RemoteScript {
  return (_request, response) => response.writeHead(status, headers).end(body);
}

describe('FetchMedia', () => {
  it('asks the server of the media, signed, and stores what it sends', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', PICTURE);
    const { header, bytes } = await fetch.fetchWhole(remote.serverName, { waitMs: 1234 });
    assert.deepEqual(bytes, PICTURE.bytes);
    assert.deepEqual(header, { contentType: 'image/png', uploadName: 'Grüße.png', sizeBytes: undefined });
    const [request, ...more] = remote.requests;
    assert.deepEqual([request?.uri, more.length], [`${FEDERATION}?timeout_ms=1234`, 0]);
    const [{ origin, destination = '', keyId, signature }] = parseXMatrixHeaders([request?.headers.authorization ?? '']);
    assert.deepEqual([origin, destination, keyId], [OWN_NAME, remote.serverName, 'ed25519:1']);
    assert.ok(isSignedBy(requestObject({ method: 'GET', uri: request?.uri ?? '', origin, destination }), signature, OWN_KEY));
  });

  it('sends nothing but the header and what was stored where no bytes are wanted', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', PICTURE);
    const { header, bytes, stored } = await fetch.fetch(remote.serverName);
    assert.deepEqual([header?.contentType, bytes.byteLength, stored?.sizeBytes], ['image/png', 0, PICTURE.bytes.byteLength]);
  });

  it('sends one span, and what was stored whole', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', PICTURE);
    const spans = [[2, 7, 'picture'], [2, 3, 'pic'], [0, 0, ''], [100, undefined, ''], [7, 100, 're']] as const;
    for (const [offset, length, text] of spans) {
      const { bytes, stored, error } = await fetch.fetch(remote.serverName, { span: { offset, length } });
      assert.deepEqual([bytes.toString(), stored?.sizeBytes, error], [text, 9, undefined]);
    }
    assert.equal(remote.requests.length, 1);
  });

  it('takes media of no byte', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', { bytes: new Uint8Array() });
    const { header, bytes } = await fetch.fetchWhole(remote.serverName);
    assert.deepEqual([bytes.byteLength, header.contentType], [0, 'application/octet-stream']);
  });

  it('asks for a thumbnail in the same way', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.thumbnails.set('media', PICTURE);
    const thumbnail = { width: 96, height: 64, method: 'crop', animated: false };
    assert.deepEqual((await fetch.fetchWhole(remote.serverName, { thumbnail })).bytes, PICTURE.bytes);
    assert.deepEqual(remote.requests.map(({ uri }) => uri), ['/_matrix/federation/v1/media/thumbnail/media?width=96&height=64&method=crop&animated=false&timeout_ms=0']);
    assert.equal((await fetch.fetch(remote.serverName)).error?.reason, 'NOT_FOUND');
  });

  it('takes the bytes alone, with their size', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', plain(200, PICTURE.bytes, { 'content-type': 'text/plain', 'content-length': '9', 'content-disposition': 'attachment; filename="a;b.txt"' }));
    const { header, bytes } = await fetch.fetchWhole(remote.serverName);
    assert.deepEqual(bytes, PICTURE.bytes);
    assert.deepEqual(header, { contentType: 'text/plain', uploadName: 'a;b.txt', sizeBytes: 9 });
  });

  it('believes a size that the part names, and holds the part to it', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    for (const [sizeBytes, isRight] of [[9, true], [8, false], [10, false]] as const) {
      const { contentType, body } = toMultipart(PICTURE, 'b');
      const text = body.toString('latin1').replace('Content-Type: image/png', `Content-Type: image/png\r\nContent-Length: ${sizeBytes}`);
      remote.media.set(`sized${sizeBytes}`, send({ contentType, body: Buffer.from(text, 'latin1') }));
      const parts = { mediaId: `sized${sizeBytes}`, span: { offset: 0, length: undefined } };
      const { header, stored, error } = await fetch.fetch(remote.serverName, parts);
      assert.deepEqual([header?.sizeBytes, stored === undefined, error?.reason], isRight ? [9, false, undefined] : [sizeBytes, true, 'FETCH_FAILED']);
    }
  });

  for (const [name, end] of [['as Synapse does', '--\r\n'], ['without a last line end', '--'], ['with an epilogue', '--\r\nbye'], ['not at all', '']] as const) {
    it(`knows sizes from the second answer on of a server that closes its answers ${name}`, async () => {
      await using fetch = await TestFetch.start();
      const remote = await fetch.remote();
      const sizes: (number | undefined)[] = [];
      for (const [index, boundary] of ['short', 'a-long-boundary', 'b'].entries()) {
        const { contentType, body } = toMultipart({ bytes: Buffer.alloc(index * 1000) }, boundary);
        const bytes = Buffer.concat([body.subarray(0, -4), Buffer.from(end)]);
        remote.media.set(`m${index}`, send({ contentType, body: bytes }, { 'content-length': String(bytes.byteLength) }));
        sizes.push((await fetch.fetchWhole(remote.serverName, { mediaId: `m${index}` })).header.sizeBytes);
      }
      assert.deepEqual(sizes, [undefined, 1000, 2000]);
    });
  }

  it('fails once where a server closes its answers in another way than before', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const { contentType, body } = toMultipart(PICTURE);
    const outcomes: (string | undefined)[] = [];
    for (const [index, bytes] of [body, body.subarray(0, -2), body.subarray(0, -2)].entries()) {
      remote.media.set(`m${index}`, send({ contentType, body: bytes }, { 'content-length': String(bytes.byteLength) }));
      outcomes.push((await fetch.fetch(remote.serverName, { mediaId: `m${index}` })).error?.reason);
    }
    assert.deepEqual(outcomes, [undefined, 'FETCH_FAILED', undefined]);
  });

  it('unpacks an encoded body, whose size nobody knows', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const { gzipSync } = await import('node:zlib');
    remote.media.set('media', plain(200, gzipSync(PICTURE.bytes), { 'content-type': 'text/plain', 'content-encoding': 'gzip' }));
    const { header, bytes } = await fetch.fetchWhole(remote.serverName);
    assert.deepEqual([bytes, header.sizeBytes], [PICTURE.bytes, undefined]);
  });

  it('does not take a type that cannot stand in a header', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.media.set('media', { bytes: PICTURE.bytes, contentType: `image/${'x'.repeat(300)}` });
    assert.equal((await fetch.fetchWhole(remote.serverName)).header.contentType, 'application/octet-stream');
  });
});

describe('a location', () => {
  it('is fetched without a word about who asks', async () => {
    await using fetch = await TestFetch.start();
    const [remote, cdn] = [await fetch.remote(), await fetch.remote({ host: '127.77.0.1' })];
    cdn.scripts.set('/file', plain(200, PICTURE.bytes, { 'content-type': 'image/webp', 'content-length': '9' }));
    remote.media.set('media', send(toRedirect(`https://${cdn.serverName}/file?token=1`)));
    const { header, bytes } = await fetch.fetchWhole(remote.serverName);
    assert.deepEqual([bytes, header.contentType, header.sizeBytes], [PICTURE.bytes, 'image/webp', 9]);
    assert.deepEqual(cdn.requests.map(({ uri, headers }) => [uri, headers.authorization, headers['x-matrix']]), [['/file?token=1', undefined, undefined]]);
  });

  it('may be relative', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    remote.scripts.set('/elsewhere/file', plain(200, PICTURE.bytes, { 'content-type': 'image/webp', 'content-length': '9' }));
    remote.media.set('media', send(toRedirect('/elsewhere/file')));
    assert.deepEqual((await fetch.fetchWhole(remote.serverName)).bytes, PICTURE.bytes);
    assert.equal(remote.requests.at(-1)?.headers.authorization, undefined);
  });

  it('may redirect five times, and no more', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    for (let hop = 1; hop <= 6; hop += 1) remote.scripts.set(`/hop${hop}`, plain(307, '', { location: `/hop${hop - 1}` }));
    remote.scripts.set('/hop0', plain(200, PICTURE.bytes, { 'content-length': '9' }));
    remote.media.set('six', send(toRedirect('/hop6')));
    await fetch.refuses(remote.serverName, 'FETCH_FAILED', { mediaId: 'six' });
    remote.media.set('five', send(toRedirect('/hop5')));
    assert.deepEqual((await fetch.fetchWhole(remote.serverName, { mediaId: 'five' })).bytes, PICTURE.bytes);
  });
});

/** Ways to say that an endpoint is not known. */
const UNRECOGNIZED: Readonly<Record<string, RemoteScript>> = {
  '404 M_UNRECOGNIZED': refuse(404, 'M_UNRECOGNIZED'),
  '400 M_UNRECOGNIZED': refuse(400, 'M_UNRECOGNIZED'),
  '405 M_UNRECOGNIZED': refuse(405, 'M_UNRECOGNIZED'),
  '404 without a body': plain(404, ''),
  '405 without a body': plain(405, ''),
  '400 without a body': plain(400, ''),
  '400 with a page': plain(400, '<html>bad request</html>', { 'content-type': 'text/html' }),
  '404 with a page': plain(404, '<html>not found</html>', { 'content-type': 'text/html' }),
};

/** Answers after which the older endpoints are not asked. */
const FINAL: readonly (readonly [status: number, errcode: string, reason: 'NOT_FOUND' | 'FETCH_FAILED'])[] = [
  [404, 'M_NOT_FOUND', 'NOT_FOUND'], [404, 'M_UNKNOWN', 'NOT_FOUND'], [401, 'M_UNAUTHORIZED', 'FETCH_FAILED'], [401, 'M_UNKNOWN_TOKEN', 'FETCH_FAILED'],
  [403, 'M_FORBIDDEN', 'FETCH_FAILED'], [400, 'M_UNKNOWN', 'FETCH_FAILED'], [500, 'M_UNKNOWN', 'FETCH_FAILED'],
];

describe('the older endpoints', () => {
  for (const [name, script] of Object.entries(UNRECOGNIZED)) {
    it(`are asked after ${name}, unsigned`, async () => {
      await using fetch = await TestFetch.start();
      const remote = await fetch.remote();
      remote.media.set('media', script);
      const older = `/_matrix/media/v3/download/${encodeURIComponent(remote.serverName)}/media`;
      remote.scripts.set(older, plain(200, PICTURE.bytes, { 'content-length': '9' }));
      assert.deepEqual((await fetch.fetchWhole(remote.serverName, { waitMs: 5 })).bytes, PICTURE.bytes);
      const asked = remote.requests.at(-1);
      assert.equal(asked?.uri, `${older}?allow_remote=false&timeout_ms=5&allow_redirect=true`);
      assert.equal(asked.headers.authorization, undefined);
    });
  }

  for (const [status, errcode, reason] of FINAL) {
    it(`are not asked after ${status} ${errcode}`, async () => {
      await using fetch = await TestFetch.start();
      const remote = await fetch.remote();
      remote.media.set('media', refuse(status, errcode));
      await fetch.refuses(remote.serverName, reason);
      assert.equal(remote.requests.length, 1);
    });
  }

  it('are asked in the order of their age, and at once the next time', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const path = (version: string, id: string): string => `/_matrix/media/${version}/download/${encodeURIComponent(remote.serverName)}/${id}`;
    remote.media.set('one', refuse(404, 'M_UNRECOGNIZED'));
    for (const id of ['one', 'two']) remote.scripts.set(path('r0', id), (_request, response) => sendMedia(response, PICTURE));
    await fetch.fetchWhole(remote.serverName, { mediaId: 'one' });
    await fetch.fetchWhole(remote.serverName, { mediaId: 'two' });
    const paths = remote.requests.map(({ uri }) => uri.split('?')[0]);
    assert.deepEqual(paths, ['/_matrix/federation/v1/media/download/one', path('v3', 'one'), path('r0', 'one'), path('v3', 'two'), path('r0', 'two')]);
  });

  it('do not hide media that a server has at the new one by now', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    const path = (id: string): string => `/_matrix/media/v3/download/${encodeURIComponent(remote.serverName)}/${id}`;
    remote.media.set('one', refuse(404, 'M_UNRECOGNIZED'));
    remote.scripts.set(path('one'), plain(200, PICTURE.bytes, { 'content-length': '9' }));
    await fetch.fetchWhole(remote.serverName, { mediaId: 'one' });
    remote.media.set('two', PICTURE);
    remote.scripts.set(path('two'), refuse(404, 'M_NOT_FOUND'));
    await fetch.fetchWhole(remote.serverName, { mediaId: 'two' });
  });

  it('may redirect', async () => {
    await using fetch = await TestFetch.start();
    const [remote, cdn] = [await fetch.remote(), await fetch.remote({ host: '127.77.0.1' })];
    remote.media.set('media', refuse(404, 'M_UNRECOGNIZED'));
    remote.scripts.set(`/_matrix/media/v3/download/${encodeURIComponent(remote.serverName)}/media`, plain(307, '', { location: `https://${cdn.serverName}/file` }));
    cdn.scripts.set('/file', plain(200, PICTURE.bytes, { 'content-length': '9' }));
    assert.deepEqual((await fetch.fetchWhole(remote.serverName)).bytes, PICTURE.bytes);
  });
});

describe('a request', () => {
  for (const parts of [{ mediaId: '../x' }, { mediaId: 'a?b' }, { requester: 'not a name' }, { requester: 'other.example' }, { waitMs: -1 }, { maxBytes: -1 }, { span: { offset: -1, length: undefined } }]) {
    it(`with ${JSON.stringify(parts)} is refused, and nobody is asked`, async () => {
      await using fetch = await TestFetch.start();
      const remote = await fetch.remote();
      await fetch.refuses(remote.serverName, 'INVALID_PARAM', parts);
      assert.equal(remote.requests.length, 0);
    });
  }

  it('for our own media, or that of servers that are denied, is refused', async () => {
    await using fetch = await TestFetch.start({ denied_servers: ['127.0.0.1', '*.bad.example'] });
    const remote = await fetch.remote();
    for (const origin of [OWN_NAME, OWN_NAME.toUpperCase(), remote.serverName, 'very.bad.example']) await fetch.refuses(origin, 'FORBIDDEN');
    assert.equal(remote.connections, 0);
  });
});
