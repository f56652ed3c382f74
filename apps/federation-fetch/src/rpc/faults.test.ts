import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { MediaErrorReason } from '@medley/domain/media-error';
import type { FetchMediaRequest } from '@medley/proto/federation-fetch';
import { refuse, sayRaw, type RemoteScript } from '@medley/testing/fake-remote';
import { toMultipart, toRedirect } from '@medley/testing/fake-remote-multipart';
import { TestFetch } from './federation-fetch.fixture.ts';

const FILE = Buffer.alloc(100_000, 'x');
const { contentType: MULTIPART, body: BODY } = toMultipart({ bytes: FILE, contentType: 'image/png' });

/** A head of HTTP/1.1. */
function head(status: string, headers: Readonly<Record<string, string | number>>): string {
  return [`HTTP/1.1 ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}

function raw(headers: Readonly<Record<string, string | number>>, body: Uint8Array, then: 'close' | 'wait' = 'close'): RemoteScript {
  return sayRaw(Buffer.concat([Buffer.from(head('200 OK', headers)), body]), then);
}

function inChunks(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${body.byteLength.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

function answer(status: number, headers: Readonly<Record<string, string | readonly string[]>>, body: string | Uint8Array): RemoteScript {
  return (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.writeHead(status).end(body);
  };
}

const drip: RemoteScript = (_request, response) => {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': 1000 });
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
};
const hang: RemoteScript = () => {};
const HALF = BODY.subarray(0, BODY.byteLength / 2);
const PNG = { 'content-type': 'image/png' };
const LENGTH = { 'content-length': 10 };

interface Fault {
  readonly script: RemoteScript;
  readonly reason?: MediaErrorReason;
  readonly parts?: Partial<FetchMediaRequest>;
  /** Whether we must lose patience. */
  readonly isSlow?: true;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'cuts a body of known length': { script: raw({ 'content-type': MULTIPART, 'content-length': BODY.byteLength }, HALF) },
  'cuts a chunked body within a chunk': { script: raw({ 'content-type': MULTIPART, 'transfer-encoding': 'chunked' }, inChunks(BODY).subarray(0, 5000)) },
  'cuts a chunked body between chunks': { script: raw({ 'content-type': MULTIPART, 'transfer-encoding': 'chunked' }, inChunks(HALF)) },
  'ends a chunked body early': { script: raw({ 'content-type': MULTIPART, 'transfer-encoding': 'chunked' }, Buffer.concat([inChunks(HALF), Buffer.from('0\r\n\r\n')])) },
  'cuts a body without a length': { script: raw({ 'content-type': MULTIPART, 'connection': 'close' }, HALF) },
  'sends a file without a length': { script: raw({ ...PNG, connection: 'close' }, FILE) },
  'says too long a length': { script: raw({ 'content-type': MULTIPART, 'content-length': BODY.byteLength + 10 }, BODY) },
  'says too short a length': { script: raw({ 'content-type': MULTIPART, 'content-length': BODY.byteLength - 10 }, BODY) },
  'says a length that is none': { script: raw({ ...PNG, 'content-length': 'many' }, FILE) },
  'says two lengths': { script: sayRaw(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n123456`) },
  'says that its chunks have a length': { script: raw({ ...PNG, ...LENGTH, 'transfer-encoding': 'chunked' }, inChunks(FILE)) },
  'drips until the time is over': { script: drip, isSlow: true },
  'stops in mid-way': { script: raw({ 'content-type': MULTIPART, 'content-length': BODY.byteLength }, HALF, 'wait'), isSlow: true },
  'hangs before its headers': { script: hang, isSlow: true },
  'hangs within its headers': { script: sayRaw('HTTP/1.1 200 OK\r\ncontent-', 'wait'), isSlow: true },
  'closes without a word': { script: sayRaw('') },
  'talks nonsense': { script: sayRaw('SSH-2.0-OpenSSH_9.9\r\n') },
  'talks HTTP/0.9': { script: sayRaw(FILE) },
  'sends huge headers': { script: answer(200, { ...PNG, 'x-huge': 'x'.repeat(64 * 1024) }, FILE) },
  'sends a thousand headers': { script: answer(200, { ...PNG, 'x-many': Array.from({ length: 1000 }, () => 'x') }, FILE) },
  'sends hints without end': {
    script: (_request, { socket }) => {
      const timer = setInterval(() => socket?.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5);
      socket?.on('close', () => clearInterval(timer));
    },
  },
  'says that it is larger than is taken': { script: raw({ ...PNG, 'content-length': FILE.byteLength }, FILE), reason: 'REMOTE_TOO_LARGE', parts: { maxBytes: 99_999 } },
  'sends more than is taken': { script: raw({ 'content-type': MULTIPART, 'content-length': BODY.byteLength }, BODY), reason: 'REMOTE_TOO_LARGE', parts: { maxBytes: 99_999 } },
  'announces 5 GB in parts': { script: raw({ 'content-type': MULTIPART, 'content-length': 5e9 }, HALF, 'wait'), reason: 'REMOTE_TOO_LARGE' },
  'announces 900 MB in parts of which 100 MB are taken': {
    script: raw({ 'content-type': MULTIPART, 'content-length': 9e8 }, HALF, 'wait'), reason: 'REMOTE_TOO_LARGE', parts: { maxBytes: 1e8 },
  },
  'sends a bomb': { script: answer(200, { ...PNG, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(2 ** 24))), reason: 'REMOTE_TOO_LARGE', parts: { maxBytes: 1e6 } },
  'sends what is not encoded as it says': { script: answer(200, { ...PNG, 'content-encoding': 'gzip' }, FILE) },
  'sends an unknown encoding': { script: answer(200, { ...PNG, 'content-encoding': 'rot13' }, FILE) },
  'redirects at the top level': { script: answer(307, { location: '/other' }, '') },
  'redirects for ever': { script: answer(302, { location: '/_matrix/federation/v1/media/download/media' }, '') },
  'answers 204': { script: answer(204, {}, '') },
  'answers 206': { script: answer(206, PNG, FILE) },
  'answers 300': { script: answer(300, PNG, FILE) },
  'answers 500 with a page': { script: answer(500, { 'content-type': 'text/html' }, '<html>errcode</html>') },
  'logs us out': { script: refuse(401, 'M_UNKNOWN_TOKEN', { soft_logout: true }) },
  'says with other words that there is nothing': { script: refuse(404, 'M_NOT_FOUND'), reason: 'NOT_FOUND' },
  'waits for an upload': { script: refuse(504, 'M_NOT_YET_UPLOADED'), reason: 'NOT_YET_UPLOADED' },
  'waits for something else': { script: refuse(504, 'M_UNKNOWN') },
  'says 502 M_TOO_LARGE': { script: refuse(502, 'M_TOO_LARGE'), reason: 'REMOTE_TOO_LARGE' },
  'says 413 M_TOO_LARGE': { script: refuse(413, 'M_TOO_LARGE'), reason: 'REMOTE_TOO_LARGE' },
  'is busy': { script: refuse(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: 4000 }), reason: 'BUSY' },
  'says 429 without sense': { script: refuse(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: 'soon' }), reason: 'BUSY' },
  'refuses with 1 MiB of words': { script: answer(403, {}, 'x'.repeat(2 ** 20)) },
  'begins a refusal and hangs': { script: sayRaw(`${head('403 Forbidden', LENGTH)}x`, 'wait'), isSlow: true },
};

describe('a server that', () => {
  for (const [name, { script, reason = 'FETCH_FAILED', parts, isSlow }] of Object.entries(FAULTS)) {
    it(`${name} is refused, in our own words, and nothing is stored`, async () => {
      await using fetch = await TestFetch.start(isSlow === undefined ? {} : { timeout: '300ms', stall_timeout: '300ms', max_duration: '600ms' });
      const remote = await fetch.remote();
      remote.media.set('media', script);
      await fetch.refuses(remote.serverName, reason, parts);
    });
  }

  it('says when to come back is believed, within bounds', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote();
    for (const [retryMs, believedMs] of [[4000, 4000], [1, 1000], [1e9, 60_000]] as const) {
      remote.media.set(`m${retryMs}`, refuse(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: retryMs }));
      const { error } = await fetch.refuses(remote.serverName, 'BUSY', { mediaId: `m${retryMs}` });
      assert.equal(error?.retryAfterMs, believedMs);
    }
  });

  it('has a certificate for another is not asked', async () => {
    await using fetch = await TestFetch.start();
    const remote = await fetch.remote({ hasRightCertificate: false });
    await fetch.refuses(remote.serverName, 'FETCH_FAILED');
    assert.equal(remote.requests.length, 0);
  });

  it('takes connections and says nothing, or no TLS, is given up', async () => {
    await using fetch = await TestFetch.start({ timeout: '300ms' });
    for (const greeting of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
      await using tarpit = await listen((socket) => void socket.write(greeting));
      await fetch.refuses(tarpit.serverName, 'FETCH_FAILED');
    }
  });

  it('is not there is refused', async () => {
    await using fetch = await TestFetch.start();
    const { serverName, [Symbol.asyncDispose]: close } = await listen(() => {});
    await close();
    for (const origin of [serverName, 'nowhere.invalid', 'nowhere.invalid:8448']) await fetch.refuses(origin, 'FETCH_FAILED');
  });
});

/** Forms of addresses that nobody has any business with, by a name of a server. */
const PRIVATE_NAMES = ['127.0.0.2', '10.0.0.1:443', '169.254.169.254', '192.168.0.1', '0.0.0.0', '[::1]', '[::ffff:127.0.0.2]:443', '[::ffff:7f00:2]', '[fe80::1]', '[fd00::1]', '[64:ff9b::7f00:2]', 'localhost', 'localhost:8448'];
const PRIVATE_URLS = [
  'https://127.0.0.2/', 'https://169.254.169.254/latest/meta-data', 'https://[::1]/', 'https://[::ffff:127.0.0.2]/', 'https://2130706434/', 'https://0x7f.0.0.2/',
  'https://localhost/', 'https://user:password@127.77.0.1/', 'http://127.77.0.1/', 'file:///etc/passwd', 'ftp://127.77.0.1/', 'data:text/plain,x', 'https://', '//127.0.0.2/', 'https://127.77.0.1:22/',
];

describe('a connection', () => {
  it('to what is no public address is not made, whatever name it goes by', async () => {
    await using fetch = await TestFetch.start({ timeout: '2s' });
    await using trap = await listen(() => {}, '127.0.0.2');
    for (const origin of [...PRIVATE_NAMES, trap.serverName]) await fetch.refuses(origin, 'FETCH_FAILED');
    assert.equal(trap.connections, 0);
  });

  it('is not made to where a server says that its media is, unless it is a public address by https', async () => {
    await using fetch = await TestFetch.start();
    await using trap = await listen(() => {}, '127.0.0.2');
    const remote = await fetch.remote();
    const older = `/_matrix/media/v3/download/${encodeURIComponent(remote.serverName)}`;
    for (const [index, url] of [...PRIVATE_URLS, `https://${trap.serverName}/`].entries()) {
      const { contentType, body } = toRedirect(url);
      remote.media.set(`part${index}`, answer(200, { 'content-type': contentType }, body));
      remote.media.set(`hop${index}`, answer(200, { 'content-type': contentType }, toRedirect(`/away${index}`).body));
      remote.scripts.set(`/away${index}`, answer(302, { location: url }, ''));
      remote.media.set(`older${index}`, refuse(404, 'M_UNRECOGNIZED'));
      remote.scripts.set(`${older}/older${index}`, answer(307, { location: url }, ''));
      for (const kind of ['part', 'hop', 'older']) await fetch.refuses(remote.serverName, 'FETCH_FAILED', { mediaId: `${kind}${index}` });
    }
    assert.equal(trap.connections, 0);
  });

  it('is not made where a part has a location and a body', async () => {
    await using fetch = await TestFetch.start();
    const [remote, cdn] = [await fetch.remote(), await fetch.remote()];
    const { contentType, body } = toRedirect(`https://${cdn.serverName}/file`, 'b');
    remote.media.set('media', answer(200, { 'content-type': contentType }, Buffer.from(body.toString().replace('\r\n--b--', 'body\r\n--b--'))));
    await fetch.refuses(remote.serverName, 'FETCH_FAILED');
    assert.equal(cdn.connections, 0);
  });

  it('that only drips is given up as one that stalls', { timeout: 10_000 }, async () => {
    await using fetch = await TestFetch.start({ stall_timeout: '300ms' });
    const remote = await fetch.remote();
    remote.media.set('media', drip);
    await fetch.refuses(remote.serverName, 'FETCH_FAILED');
  });

  it('is closed by the end of the stall, so that nothing is left', async () => {
    await using fetch = await TestFetch.start({ stall_timeout: '100ms' });
    const remote = await fetch.remote();
    const closed = Promise.withResolvers<void>();
    remote.media.set('media', (_request, response) => {
      response.writeHead(200, { ...PNG, ...LENGTH }).write('x');
      response.on('close', closed.resolve);
    });
    await fetch.refuses(remote.serverName, 'FETCH_FAILED');
    await closed.promise;
  });
});

interface Listener extends AsyncDisposable {
  readonly serverName: string;
  readonly connections: number;
}

/** A server that is no HTTP server. */
async function listen(onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, host);
  await once(server, 'listening');
  return {
    serverName: `${host}:${(server.address() as AddressInfo).port}`,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
