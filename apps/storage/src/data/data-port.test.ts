import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseBlobAddress } from '@medley/domain/blob-key';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { chunksOf, digestOf, NEVER, openRawRequest, openTestPort, UNLIMITED } from './data-port.fixture.ts';

describe('reading from the data port', () => {
  test('answers a blob, and a derived one', async () => {
    await using port = await openTestPort();
    const bytes = randomBytes(700_000);
    const key = await port.put(bytes);
    const whole = await port.send(port.links.toBlob(key), { method: 'GET' });
    assert.equal(whole.status, 200);
    assert.equal(whole.header('content-length'), '700000');
    assert.ok(whole.bytes.equals(bytes));
    const derivedKey = parseBlobAddress({ digest: key.digest, derivation: 'thumb-1', store: COMMON_STORE });
    await port.store.put(chunksOf(randomBytes(10)), { ...UNLIMITED, derivedKey }, NEVER);
    assert.equal((await port.send(port.links.toBlob(derivedKey), { method: 'GET' })).bytes.byteLength, 10);
  });

  for (const [range, status, contentRange, first, last] of [
    ['bytes=0-0', 206, 'bytes 0-0/1000', 0, 0],
    ['bytes=10-19', 206, 'bytes 10-19/1000', 10, 19],
    ['bytes=990-', 206, 'bytes 990-999/1000', 990, 999],
    ['bytes=-5', 206, 'bytes 995-999/1000', 995, 999],
    ['bytes=900-5000', 206, 'bytes 900-999/1000', 900, 999],
    ['bytes=0-1,5-6', 200, undefined, 0, 999],
  ] as const) {
    test(`answers Range: ${range} with ${status}`, async () => {
      await using port = await openTestPort();
      const bytes = randomBytes(1000);
      const answer = await port.send(port.links.toBlob(await port.put(bytes)), { method: 'GET', headers: { range } });
      assert.equal(answer.status, status);
      assert.equal(answer.header('content-range'), contentRange);
      assert.ok(answer.bytes.equals(bytes.subarray(first, last + 1)));
    });
  }

  test('answers a range behind the end with 416 and the size', async () => {
    await using port = await openTestPort();
    const link = port.links.toBlob(await port.put(randomBytes(1000)));
    const answer = await port.send(link, { method: 'GET', headers: { range: 'bytes=1000-' } });
    assert.equal(answer.status, 416);
    assert.equal(answer.header('content-range'), 'bytes */1000');
    assert.equal(JSON.parse(answer.bytes.toString()).reason, 'RANGE_NOT_SATISFIABLE');
  });

  test('answers HEAD with the headers of GET and no body', async () => {
    await using port = await openTestPort();
    const raw = await openRawRequest(port.links.toBlob(await port.put(randomBytes(1000))), 'HEAD', ['connection: close']);
    const answer = await raw.read().closed();
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /content-length: 1000\r\n/i);
    assert.ok(answer.endsWith('\r\n\r\n'));
  });

  test('answers 404 with the reason where there is no blob', async () => {
    await using port = await openTestPort();
    const answer = await port.send(port.links.toBlob(parseBlobAddress({ digest: 'ab'.repeat(32), derivation: '', store: COMMON_STORE })), { method: 'GET' });
    assert.equal(answer.status, 404);
    assert.deepEqual(JSON.parse(answer.bytes.toString()), { reason: 'NOT_FOUND', message: 'No such blob' });
  });
});

describe('writing to the data port', () => {
  for (const [name, size] of [['an empty body', 0], ['a small body', 10], ['a large body', 3_000_000]] as const) {
    test(`stores ${name} and answers digest and size`, async () => {
      await using port = await openTestPort();
      const bytes = randomBytes(size);
      const answer = await port.send(port.links.toUpload(5_000_000, COMMON_STORE), { method: 'PUT', body: chunksOf(bytes) });
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.bytes.toString()), { digest: digestOf(bytes), size_bytes: size });
      assert.equal(await port.store.stat(parseBlobAddress({ digest: digestOf(bytes), derivation: '', store: COMMON_STORE }), NEVER), size);
    });
  }

  test('works over a unix socket, also one that a killed process left', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'data.sock');
    await leaveStaleSocket(path);
    await using port = await openTestPort({ listen: { kind: 'unix', path } });
    assert.equal(port.address, `unix://${path}`);
    const link = port.links.toUpload(100, COMMON_STORE);
    assert.equal(link.socketPath, path);
    assert.ok(link.url.startsWith('http://localhost/v1/uploads/'));
    const bytes = randomBytes(100);
    assert.equal((await port.send(link, { method: 'PUT', body: bytes })).status, 200);
    const read = await port.send(port.links.toBlob(parseBlobAddress({ digest: digestOf(bytes), derivation: '', store: COMMON_STORE })), { method: 'GET' });
    assert.ok(read.bytes.equals(bytes));
  });

  test('waits with the body where the sender asks to', async () => {
    await using port = await openTestPort();
    const raw = (await openRawRequest(port.links.toUpload(10, COMMON_STORE), 'PUT', ['content-length: 4', 'expect: 100-continue', 'connection: close'])).read();
    await eventually(() => assert.match(raw.received, /^HTTP\/1\.1 100 /));
    raw.socket.write('body');
    assert.match(await raw.closed(), /HTTP\/1\.1 200 /);
  });

  test('refuses a chunked body that crosses the limit, tells the sender so, and stores nothing', async () => {
    await using port = await openTestPort();
    const answer = await port.send(port.links.toUpload(999_999, COMMON_STORE), { method: 'PUT', body: chunksOf(randomBytes(1_000_000)) });
    assert.equal(answer.status, 413);
    assert.equal(JSON.parse(answer.bytes.toString()).reason, 'TOO_LARGE');
    assert.deepEqual(await port.files(), []);
  });

  test('tells a sender that hears only after it has sent everything why it was refused', async () => {
    await using port = await openTestPort();
    const raw = await openRawRequest(port.links.toUpload(1000, COMMON_STORE), 'PUT', ['transfer-encoding: chunked']);
    const sent = Promise.withResolvers<unknown>();
    raw.socket.write(toHttpChunk(randomBytes(20_000_000)), sent.resolve);
    assert.ifError(await sent.promise);
    raw.read().socket.end('0\r\n\r\n');
    assert.match(await raw.closed(), /^HTTP\/1\.1 413 .*TOO_LARGE/s);
    assert.deepEqual(await port.files(), []);
  });

  test('cuts a sender that was refused and goes on for ever', async () => {
    await using port = await openTestPort();
    const raw = (await openRawRequest(port.links.toUpload(1000, COMMON_STORE), 'PUT', ['transfer-encoding: chunked'])).read();
    const sending = setInterval(() => raw.socket.write(toHttpChunk(randomBytes(2000))), 20);
    const answer = await raw.closed();
    clearInterval(sending);
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('refuses a body that is announced as too large before it comes', async () => {
    await using port = await openTestPort();
    const raw = (await openRawRequest(port.links.toUpload(1000, COMMON_STORE), 'PUT', ['content-length: 1001'])).read();
    await eventually(() => assert.match(raw.received, /^HTTP\/1\.1 413 .*TOO_LARGE/s));
    raw.socket.destroy();
  });

  for (const [name, headers, body] of [
    ['is shorter than it was announced', ['content-length: 1000'], 'x'.repeat(999)],
    ['lacks its last chunk', ['transfer-encoding: chunked'], '5\r\nhello\r\n'],
    ['breaks off within a chunk', ['transfer-encoding: chunked'], '500\r\nhello'],
    ['is not chunked as it says', ['transfer-encoding: chunked'], '5\r\nhello\r\nwhat?\r\n'],
  ] as const) {
    test(`stores nothing of a body that ${name}`, async () => {
      await using port = await openTestPort();
      const raw = (await openRawRequest(port.links.toUpload(10_000, COMMON_STORE), 'PUT', headers)).read();
      raw.socket.end(body);
      assert.doesNotMatch(await raw.closed(), /HTTP\/1\.1 200/);
      await eventually(async () => assert.deepEqual(await port.files(), []));
    });
  }

  test('cuts a sender that falls silent, and stores nothing', async () => {
    await using port = await openTestPort({ uploadStallMs: 100 });
    const raw = (await openRawRequest(port.links.toUpload(10_000, COMMON_STORE), 'PUT', ['content-length: 1000'])).read();
    raw.socket.write('the beginning');
    assert.match(await raw.closed(), /^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s);
    assert.deepEqual(await port.files(), []);
  });
});

describe('signatures', () => {
  test('without a valid one nothing is read and the connection closes', async () => {
    await using port = await openTestPort();
    const { url } = port.links.toUpload(1000, COMMON_STORE);
    for (const forged of [url.replace('max_bytes=1000', 'max_bytes=9999'), url.replace(/&signature.*/, ''), url.replace('/v1/uploads/', '/v1/blobs/')]) {
      const raw = (await openRawRequest({ url: forged, expiresAtMs: 0 }, 'PUT', ['content-length: 10000000', 'expect: 100-continue'])).read();
      const answer = await raw.closed();
      assert.match(answer, /^HTTP\/1\.1 403 .*FORBIDDEN/s);
      assert.doesNotMatch(answer, /100 Continue/);
    }
  });

  test('one for reading does not let write, nor one for a blob read another', async () => {
    await using port = await openTestPort();
    const link = port.links.toBlob(await port.put(randomBytes(10)));
    assert.equal((await port.send(link, { method: 'PUT', body: randomBytes(10) })).status, 403);
    const other = await port.put(randomBytes(11));
    const forged = { ...link, url: link.url.replace(/[0-9a-f]{64}/, other.digest) };
    assert.equal((await port.send(forged, { method: 'GET' })).status, 403);
  });

  test('expire a minute after they were made', async (t) => {
    await using port = await openTestPort();
    const key = await port.put(randomBytes(10));
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const link = port.links.toBlob(key);
    assert.equal(link.expiresAtMs, Date.now() + 60_000);
    t.mock.timers.tick(59_999);
    assert.equal((await port.send(link, { method: 'GET' })).status, 200);
    t.mock.timers.tick(1);
    assert.equal((await port.send(link, { method: 'GET' })).status, 403);
  });
});

function toHttpChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** A socket that nobody listens on: its server is gone without having closed it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  const socket = connect(path);
  const [error] = await once(socket, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
}
