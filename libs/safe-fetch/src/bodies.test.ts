import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import { fetchFailureOf } from './fetch-failure.ts';
import { httpAnswer } from './web-server.fixture.ts';
import { World } from './world.fixture.ts';

const START = 'site.example.com';
const MIB = 1 << 20;
const TEXT = 'The quick brown fox. '.repeat(1000);
const BOMB = Buffer.alloc(64 * MIB);
const OPEN_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n';

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes), 'X-GZIP': (bytes) => gzipSync(bytes), deflate: (bytes) => deflateSync(bytes), br: (bytes) => brotliCompressSync(bytes, { params: { 1: 1 } }),
  zstd: (bytes) => zstdCompressSync(bytes), identity: (bytes) => bytes, 'gzip, br': (bytes) => brotliCompressSync(gzipSync(bytes)),
};

for (const [coding, encode] of Object.entries(CODINGS)) {
  test(`decodes a body in ${coding}`, async () => {
    await using world = await World.start();
    world.site.set('/', httpAnswer('200 OK', { 'content-encoding': coding }, encode(Buffer.from(TEXT))));
    assert.equal((await world.get(world.url(START))).text, TEXT);
  });
}

test('decodes a deflate body without the frame of zlib', async () => {
  await using world = await World.start();
  world.site.set('/', httpAnswer('200 OK', { 'content-encoding': 'deflate' }, deflateRawSync(TEXT)));
  assert.equal((await world.get(world.url(START))).text, TEXT);
});

for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, br']) {
  test(`stops a bomb in ${coding} at the limit for what comes out of it`, async () => {
    await using world = await World.start();
    const bomb = CODINGS[coding]?.(BOMB) ?? Buffer.alloc(0);
    assert.ok(bomb.byteLength < MIB);
    world.site.set('/', httpAnswer('200 OK', { 'content-encoding': coding }, bomb));
    const before = process.memoryUsage().rss;
    await assert.rejects(world.get(world.url(START), { maxBytes: MIB }), isTooLarge);
    assert.ok(process.memoryUsage().rss - before < 48 * MIB);
  });
}

test('refuses more than two codings, and codings that nobody asked for', async () => {
  await using world = await World.start();
  for (const coding of ['gzip, gzip, gzip', ['gzip', 'gzip', 'br'], 'compress', 'x-unknown', 'gzip;q=1']) {
    world.site.set('/', httpAnswer('200 OK', { 'content-encoding': coding }, 'x'));
    await world.refuses(world.url(START), 'ENCODING_REFUSED');
  }
});

test('takes a body that is cut off, or is not encoded as it says, for broken', async () => {
  await using world = await World.start();
  const zipped = gzipSync(TEXT);
  world.site.set('/cut', httpAnswer('200 OK', { 'content-encoding': 'gzip' }, zipped.subarray(0, 30)));
  world.site.set('/lie', httpAnswer('200 OK', { 'content-encoding': 'br' }, 'plain text all the way'));
  world.site.set('/short', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'));
  world.site.set('/chunks', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'));
  world.site.set('/both', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
  for (const path of ['/cut', '/lie', '/short', '/chunks', '/both']) await world.refuses(world.url(START, path), 'RESPONSE_BROKEN');
});

test('takes what is no answer of HTTP/1.1 for broken', async () => {
  await using world = await World.start();
  const answers = ['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/1.1 200 OK\r\nbroken header\r\n\r\n', 'HTTP/1.1 200 OK\r\nname : x\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', ''];
  for (const answer of answers) {
    world.site.set('/', (_request, socket) => socket.end(answer));
    await world.refuses(world.url(START), 'RESPONSE_BROKEN');
  }
});

test('fails at once where the answer says that it is too large, and at the limit where it does not', async () => {
  await using world = await World.start();
  world.site.set('/said', `HTTP/1.1 200 OK\r\ncontent-length: ${10 ** 10}\r\n\r\nx`);
  world.site.set('/endless', (_request, socket) => pour(socket));
  await assert.rejects(world.fetcher().get(world.url(START, '/said'), { maxBytes: 100, deadlineMs: 9000 }, new AbortController().signal), isTooLarge);
  await assert.rejects(world.get(world.url(START, '/endless'), { maxBytes: 100_000 }), isTooLarge);
  await eventually(() => assert.equal(world.site.requests.length, 2));
});

test('ends at the limit where its caller wants no more', async () => {
  await using world = await World.start();
  world.site.set('/said', httpAnswer('200 OK', {}, TEXT));
  world.site.set('/endless', (_request, socket) => pour(socket));
  world.site.set('/zipped', httpAnswer('200 OK', { 'content-encoding': 'gzip' }, gzipSync(BOMB)));
  assert.equal((await world.get(world.url(START, '/said'), { maxBytes: 9, tooLarge: 'cut' })).text, 'The quick');
  assert.equal((await world.get(world.url(START, '/endless'), { maxBytes: 100_000, tooLarge: 'cut' })).text.length, 100_000);
  assert.equal((await world.get(world.url(START, '/zipped'), { maxBytes: 1000, tooLarge: 'cut' })).text.length, 1000);
  assert.equal((await world.get(world.url(START, '/said'), { maxBytes: TEXT.length, tooLarge: 'fail' })).text, TEXT);
});

test('reads no more than 8 KiB of an answer that is no success', async () => {
  await using world = await World.start();
  world.site.set('/', (_request, socket) => pour(socket, 'HTTP/1.1 500 Oops\r\n\r\n'));
  const { response, text } = await world.get(world.url(START));
  assert.deepEqual([response.status, text.length], [500, 8192]);
});

test('refuses a type before it reads the body', async () => {
  await using world = await World.start();
  let closed = false;
  world.site.set('/', (_request, socket) => {
    socket.on('close', () => (closed = true));
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n\r\n');
  });
  const accept = (type: string | undefined): boolean => type?.startsWith('text/html') === true;
  const failure = await world.refuses(world.url(START), 'TYPE_REFUSED', { accept });
  assert.deepEqual(failure.hops.map(({ status, problem }) => [status, problem]), [[200, 'The type is audio/mpeg']]);
  await eventually(() => assert.ok(closed));
  world.site.set('/', httpAnswer('200 OK', {}, 'no type'));
  await world.refuses(world.url(START), 'TYPE_REFUSED', { accept });
});

const DRIPS: Readonly<Record<string, string>> = { 'the status line': 'H', headers: 'HTTP/1.1 200 OK\r\nx: ', 'a body': OPEN_HEAD };
for (const [what, head] of Object.entries(DRIPS)) {
  test(`lets nobody stretch the deadline by dripping ${what}`, async () => {
    await using world = await World.start();
    world.site.set('/', (_request, socket) => {
      socket.write(head);
      const drip = setInterval(() => socket.write('T'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const start = performance.now();
    await world.get(world.url(START), { deadlineMs: 300 }).then(() => assert.fail('fetched'), (error: unknown) => {
      assert.match(fetchFailureOf(error)?.code ?? '', head === 'H' ? /TIMED_OUT|RESPONSE_BROKEN/ : /TIMED_OUT/);
    });
    assert.ok(performance.now() - start < 2000);
  });
}

test('counts redirects and body in one deadline', async () => {
  await using world = await World.start();
  for (const [path, next] of [['/', '/2'], ['/2', '/3']]) {
    world.site.set(path ?? '', (_request, socket) => void setTimeout(() => socket.write(`HTTP/1.1 302 Found\r\nlocation: ${next}\r\ncontent-length: 0\r\n\r\n`), 200));
  }
  world.site.set('/3', (_request, socket) => void socket.write(OPEN_HEAD));
  const start = performance.now();
  const { hops } = await world.refuses(world.url(START), 'TIMED_OUT', { deadlineMs: 700 });
  assert.equal(hops.length, 3);
  assert.ok(performance.now() - start < 2000);
});

test('refuses a flood of headers, and of answers before the answer', async () => {
  await using world = await World.start();
  const many = (count: number, line: string): string => line.repeat(count);
  world.site.set('/large', httpAnswer('200 OK', { 'x-large': 'x'.repeat(17_000) }));
  world.site.set('/many', `HTTP/1.1 200 OK\r\n${many(120, 'a: b\r\n')}content-length: 0\r\n\r\n`);
  world.site.set('/endless', (_request, socket) => pour(socket, 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'));
  world.site.set('/early', many(50, 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n') + httpAnswer('200 OK').toString());
  for (const path of ['/large', '/many', '/endless', '/early']) await world.refuses(world.url(START, path), 'RESPONSE_BROKEN');
  world.site.set('/one', many(2, 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n') + httpAnswer('200 OK', {}, 'fine').toString());
  assert.equal((await world.get(world.url(START, '/one'))).text, 'fine');
});

test('closes the connection of a body that is left or destroyed', async () => {
  await using world = await World.start();
  let closed = 0;
  world.site.set('/', (_request, socket) => {
    socket.on('close', () => (closed += 1));
    pour(socket);
  });
  const fetcher = world.fetcher();
  const open = async (): ReturnType<typeof fetcher.get> => fetcher.get(world.url(START), { maxBytes: MIB, deadlineMs: 60_000 }, new AbortController().signal);
  (await open()).body.destroy();
  for await (const _chunk of (await open()).body) break;
  await eventually(() => assert.equal(closed, 2));
});

test('fails a body with its caller’s reason when its caller gives up', async () => {
  await using world = await World.start();
  world.site.set('/', (_request, socket) => void socket.write(`${OPEN_HEAD}some`));
  const caller = new AbortController();
  const { body } = await world.fetcher().get(world.url(START), { maxBytes: MIB, deadlineMs: 60_000 }, caller.signal);
  await assert.rejects(async () => {
    for await (const _chunk of body) caller.abort(new Error('enough'));
  }, { message: 'enough' });
});

function pour(socket: NodeJS.WritableStream, head = OPEN_HEAD, piece: string | Buffer = Buffer.alloc(65_536, 'x')): void {
  socket.write(head);
  const more = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

function isTooLarge(error: unknown): boolean {
  return error instanceof MediaError && error.reason === 'TOO_LARGE';
}
