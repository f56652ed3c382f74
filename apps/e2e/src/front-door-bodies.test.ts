import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { RawConnection, sendRaw } from '@medley/testing/raw-http';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { downloadPath } from './harness/media-user.ts';
import { memoryBound } from './harness/memory-bounds.ts';
import { CAN_LOOK_INTO_PROCESSES, readPeakMemory, resetPeakMemory } from './harness/processes.ts';
import { requestHead } from './harness/request-head.ts';
import { untilRequestEnded } from './harness/requests-ended.ts';
import { startSystem } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const UPLOAD = 'POST /_matrix/media/v3/upload';
const MIB = 2 ** 20;
const MAX_UPLOAD_BYTES = 50 * MIB;
const STALL_MS = 2000;
/** Together more than the gateway may grow by. */
const FORMS = 5;
const FORM_MIB = 45;
/** Of what is said to happen after a time: how much later it may be seen. */
const SLACK_MS = 1500;
const LINUX_ONLY = { skip: CAN_LOOK_INTO_PROCESSES ? false : 'reads /proc' };

const system = await startSystem('services', {
  config: { uploads: { max_bytes: MAX_UPLOAD_BYTES, stall_timeout: `${STALL_MS}ms` }, downloads: { stall_timeout: `${STALL_MS}ms` } },
});
const { site, program } = system;
const { http: port } = site.ports;
after(() => system[Symbol.asyncDispose]());

/** By how much the gateway grew at most while `work` was done. */
async function growthOf(work: () => Promise<void>): Promise<number> {
  const pid = program.pidsOf('gateway').at(-1) ?? 0;
  const before = await resetPeakMemory(pid);
  await work();
  return (await readPeakMemory(pid)) - before;
}

describe('an upload', () => {
  it('F11 at 4 KiB each second succeeds, for as long as it takes', async () => {
    const user = site.user();
    const chunk = randomBody(1024);
    const answer = await user.upload(repeatChunk(chunk, 24, () => sleep(250)));
    assertBytes(await user.download(answer), Buffer.concat(Array.from({ length: 24 }, () => chunk)));
  });

  it('F11 of a byte each 100 ms is given up in time, with an answer', async () => {
    const answer = await site.user().tryUpload(repeatChunk(Buffer.from('x'), 100, () => sleep(100)));
    assertError(answer, 408, 'M_UNKNOWN');
    assert.ok(answer.tookMs < STALL_MS + SLACK_MS, `took ${answer.tookMs} ms`);
  });

  it('F18 of form data is opaque bytes, however many', LINUX_ONLY, async () => {
    const user = site.user();
    const chunk = Buffer.from('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.padEnd(MIB, 'x'));
    const upload = () => user.upload(repeatChunk(chunk, FORM_MIB), { type: 'multipart/form-data; boundary=x' });
    const growth = await growthOf(async () => void await Promise.all(Array.from({ length: FORMS }, upload)));
    const boundBytes = memoryBound({ service: 'gateway', transfers: FORMS, uploadMemoryBytes: 0 });
    assert.ok(boundBytes < FORMS * FORM_MIB * MIB && growth < boundBytes, `grew by ${growth} of ${boundBytes} bytes`);
  });

  it('F19 that says it is packed is kept as it came', async () => {
    const user = site.user();
    const packed = gzipSync(Buffer.alloc(30 * MIB));
    const uri = await user.upload(packed, { headers: { 'content-encoding': 'gzip' } });
    const answer = await user.download(uri);
    assertBytes(answer, packed);
    assert.equal(answer.headers['content-encoding'], undefined);
  });

  it('F20 without a length is cut at the limit, and leaves nothing', async () => {
    const before = await site.blobs.originals();
    assertError(await site.user().tryUpload(repeatChunk(Buffer.alloc(MIB), 51)), 413, 'M_TOO_LARGE');
    assert.deepEqual(await site.blobs.originals(), before);
  });

  it('F21 that waits to be asked is refused unasked: too long, or from nobody known', async () => {
    const stranger = site.user({ userId: '@nobody:e2e.example', token: 'nobody' });
    const waiting = ['Content-Length: 1000000000', 'Expect: 100-continue'];
    assert.equal((await sendRaw(port, requestHead(site.user(), UPLOAD, ...waiting))).status, 413);
    assert.equal((await sendRaw(port, requestHead(stranger, UPLOAD, 'Content-Length: 5', 'Expect: 100-continue'))).status, 401);
  });

  it('F22 that is refused early never has its body read as a request', async () => {
    using connection = await RawConnection.open(port);
    const inner = requestHead(site.user(), `GET ${CONFIG}`);
    await connection.write(requestHead(site.user(), UPLOAD, `Content-Length: ${MAX_UPLOAD_BYTES + 1}`) + inner.repeat(100));
    const answer = await connection.readResponse();
    assert.deepEqual([answer.status, answer.headers.get('connection')], [413, 'close']);
    connection.finish();
    assert.equal((await connection.readToEnd()).toString('latin1'), '');
  });
});

describe('a reader', () => {
  it('F12 that takes nothing is cut in time, and costs little meanwhile', LINUX_ONLY, async () => {
    const user = site.user();
    const uri = await user.upload(repeatChunk(randomBody(MIB), 40));
    const startedAt = performance.now();
    const growth = await growthOf(() => untilRequestEnded(program, 'getContentAuthed', async () => {
      using connection = await RawConnection.open(port);
      connection.pause();
      await connection.write(requestHead(user, `GET ${downloadPath(uri)}`));
    }));
    assert.ok(performance.now() - startedAt < 2 * STALL_MS + SLACK_MS);
    assert.ok(growth < 16 * MIB, `grew by ${growth} bytes`);
  });
});

describe('a range', () => {
  it('F15 of many parts is answered as a whole, and at once', async () => {
    const user = site.user();
    const uri = await user.upload(randomBody(5000));
    const range = `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join(',')}`;
    const answer = await user.download(uri, { headers: { range } });
    assert.deepEqual([answer.status, answer.body.byteLength], [200, 5000]);
  });

  const cases = { 'bytes=-0': 416, 'bytes=5-1': 200, 'bytes=99999999999999999999-': 416, 'bytes=0-0,': [200, 206], 'bytes=0-99999999999999999999': 206, 'lines=0-1': 200 };
  for (const [range, expected] of Object.entries(cases)) {
    it(`F16 of ${range} is never more than there is`, async () => {
      const user = site.user();
      const answer = await user.download(await user.upload('0123456789'), { headers: { range } });
      assert.ok([expected].flat().includes(answer.status), `got ${answer.status}`);
      if (answer.status < 400) assert.ok(answer.body.byteLength <= 10);
    });
  }
});

describe('a request', () => {
  it('F17 that knows the version learns nothing without a token', async () => {
    const user = site.user();
    const uri = await user.upload('bytes');
    const { headers } = await user.download(uri);
    assertError(await user.download(uri, { token: undefined, headers: { 'if-none-match': headers.etag } }), 401, 'M_MISSING_TOKEN');
    assertError(await user.download({ ...uri, mediaId: `${uri.mediaId}x` as typeof uri.mediaId }, { headers: { 'if-none-match': '*' } }), 404, 'M_NOT_FOUND');
  });

  it('F23 with headers that are names of JavaScript is as any other', async () => {
    const odd = ['__proto__: a', 'constructor: b', 'toString: c', 'hasOwnProperty: d'];
    assert.equal((await sendRaw(port, requestHead(site.user(), `GET ${CONFIG}`, ...odd))).status, 200);
    assertJson(await site.user().call(CONFIG));
  });

  it('F24 of JSON with thousands of keys that collide, deep nests or operators is refused or read, in no time', async () => {
    const collisions = JSON.stringify(Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [String(index * 2 ** 16), index])));
    const user = site.user();
    const admin = site.user(site.homeserver.addAdmin());
    for (const body of [collisions, '['.repeat(60_000), '{"a":'.repeat(10_000), '{"__proto__":{"isAdmin":true}}']) {
      assert.ok((await user.tryCreate(body)).tookMs < 1000);
    }
    assertError(await admin.call('/_medley/v1/jobs', { method: 'POST', body: '{"mediaId":{"$ne":1}}' }), 400, ['M_BAD_JSON', 'M_INVALID_PARAM', 'M_MISSING_PARAM']);
    assertError(await user.call(CONFIG, { token: undefined }), 401, 'M_MISSING_TOKEN');
  });

  it('F26 by another method is told which there are; TRACE echoes nothing, and CONNECT is closed', async () => {
    const user = site.user();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'LINK']) {
      const answer = await sendRaw(port, requestHead(user, `${method} ${CONFIG}`, 'X-Sentinel: echo-me'));
      assert.equal(answer.status, 405, method);
      assert.match(answer.headers.get('allow') ?? '', /\bGET\b/);
      assert.doesNotMatch(answer.body.toString(), /echo-me/);
    }
    using connection = await RawConnection.open(port);
    await connection.write(requestHead(user, 'CONNECT evil.example:443'));
    assert.doesNotMatch((await connection.readToEnd()).toString('latin1'), /HTTP\/1\.1 200/);
  });

  it('F28 for health and metrics finds nothing at the public port', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/debug/pprof']) assertError(await site.user().call(path), 404, 'M_UNRECOGNIZED');
  });
});
