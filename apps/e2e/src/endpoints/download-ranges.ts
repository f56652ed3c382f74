import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import { assertMediaHeaders } from '../harness/media-headers.ts';
import type { System } from '../harness/system.ts';

const ETAG = (body: Buffer): string => `"${createHash('sha256').update(body).digest('hex')}"`;
/** One that the gateway keeps in memory, and one that it does not. */
const SIZES = [1000, 700_000];

/** `Range`, `If-Range` and `If-None-Match` on downloads (N37, N38). */
export function describeDownloadRanges(system: System): void {
  describe('download, partly', () => {
    for (const size of SIZES) ranges(system, size);
    emptyMedia(system);
    for (const size of SIZES) conditions(system, size);
  });
}

function ranges({ site }: System, size: number): void {
  const parts: readonly (readonly [string, number, number])[] = [
    ['bytes=0-', 0, size],
    ['bytes=0-0', 0, 1],
    ['bytes=100-299', 100, 300],
    ['bytes=500-', 500, size],
    ['bytes=-7', size - 7, size],
    [`bytes=-${size + 5}`, 0, size],
    [`bytes=${size - 1}-${size + 100}`, size - 1, size],
  ];
  it(`answers each range of ${size} bytes with that part`, async () => {
    const user = site.user();
    const body = randomBody(size);
    const uri = await user.upload(body);
    for (const [range, from, to] of parts) {
      const answer = await user.download(uri, { headers: { range } });
      assertBytes(answer, body.subarray(from, to), 206);
      assert.equal(answer.headers['content-range'], `bytes ${from}-${to - 1}/${size}`);
      assert.equal(answer.headers.etag, ETAG(body));
      assertMediaHeaders(answer.headers);
    }
  });

  it(`refuses a range that begins after the end of ${size} bytes`, async () => {
    const user = site.user();
    const uri = await user.upload(randomBody(size));
    for (const range of [`bytes=${size}-`, `bytes=${size + 10}-${size + 20}`, 'bytes=-0']) {
      const answer = await user.download(uri, { headers: { range } });
      assert.equal(answer.status, 416, range);
      assert.equal(answer.headers['content-range'], `bytes */${size}`);
    }
  });

  it(`answers what is no single range with all ${size} bytes`, async () => {
    const user = site.user();
    const body = randomBody(size);
    const uri = await user.upload(body);
    for (const range of ['bytes=0-1,5-6', 'bytes=9-3', 'items=0-1', 'bytes=a-b', 'bytes=', '0-1', 'bytes=--1']) {
      assertBytes(await user.download(uri, { headers: { range } }), body);
    }
    assertBytes(await user.download(uri, { headers: { range: 'bytes=0-1', 'if-range': '"something else"' } }), body);
    assertBytes(await user.download(uri, { headers: { range: 'bytes=0-1', 'if-range': `W/${ETAG(body)}` } }), body);
    assertBytes(await user.download(uri, { headers: { range: 'bytes=0-1', 'if-range': new Date().toUTCString() } }), body);
    assertBytes(await user.download(uri, { headers: { range: 'bytes=0-1', 'if-range': ETAG(body) } }), body.subarray(0, 2), 206);
    assert.equal((await user.download(uri, { method: 'HEAD', headers: { range: 'bytes=0-1' } })).status, 200);
  });
}

function emptyMedia({ site }: System): void {
  it('has no part of nothing', async () => {
    const user = site.user();
    const uri = await user.upload('');
    for (const range of ['bytes=0-', 'bytes=-1']) {
      const answer = await user.download(uri, { headers: { range } });
      assert.equal(answer.status, 416);
      assert.equal(answer.headers['content-range'], 'bytes */0');
    }
  });
}

function conditions({ site }: System, size: number): void {
  it(`answers 304 for ${size} bytes that the client has, and the bytes otherwise`, async () => {
    const user = site.user();
    const body = randomBody(size);
    const uri = await user.upload(body);
    const etag = ETAG(body);
    for (const match of [etag, `W/${etag}`, '*', `"other", ${etag}`]) {
      const answer = await user.download(uri, { headers: { 'if-none-match': match } });
      assert.equal(answer.status, 304, match);
      assert.equal(answer.body.byteLength, 0);
      assert.equal(answer.headers.etag, etag);
      assert.equal(answer.headers['cache-control'], 'private, max-age=31536000, immutable');
      assert.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin');
    }
    for (const match of ['"other"', etag.slice(1, -1)]) assertBytes(await user.download(uri, { headers: { 'if-none-match': match } }), body);
    assert.equal((await user.download(uri, { headers: { 'if-none-match': etag, range: 'bytes=0-1' } })).status, 304);
  });

  it(`tells a stranger nothing about ${size} bytes, even if they know the digest`, async () => {
    const body = randomBody(size);
    const uri = await site.user().upload(body);
    const stranger = site.user({ userId: '@nobody:e2e.example', token: 'nobody' });
    for (const headers of [{ 'if-none-match': ETAG(body) }, { 'if-none-match': '*' }, { range: 'bytes=0-1' }]) {
      assertError(await stranger.call(downloadPath(uri), { headers }), 401, 'M_UNKNOWN_TOKEN');
      assertError(await stranger.call(downloadPath(uri), { headers, token: undefined }), 401, 'M_MISSING_TOKEN');
    }
  });
}
