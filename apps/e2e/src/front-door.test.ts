import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { RawConnection } from '@medley/testing/raw-http';
import { checkEveryAnswer } from './harness/every-answer.ts';
import { assertBytes, assertJson } from './harness/expect.ts';
import { downloadPath } from './harness/media-user.ts';
import { CAN_LOOK_INTO_PROCESSES, readPeakMemory, resetPeakMemory } from './harness/processes.ts';
import { requestHead } from './harness/request-head.ts';
import { startSystem } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const UPLOAD = 'POST /_matrix/media/v3/upload';
const HEADERS_TIMEOUT_MS = 1500;
const MAX_PIPELINED = 8;
const MIB = 2 ** 20;
const LINUX_ONLY = { skip: CAN_LOOK_INTO_PROCESSES ? false : 'reads /proc' };

const system = await startSystem('services', {
  config: {
    listen: { headers_timeout: `${HEADERS_TIMEOUT_MS}ms`, max_pipelined: MAX_PIPELINED },
  },
});
const { site, program } = system;
const { http: port } = site.ports;
after(() => system[Symbol.asyncDispose]());

/** What is wrong, as it is said on the wire behind the request line and Host, and what is answered. */
interface Wrong {
  readonly line?: string;
  readonly headers?: string;
  readonly body?: string;
  readonly status: number;
}

const HELLO = '5\r\nhello\r\n0\r\n\r\n';
const length = (text: string): Wrong => ({ headers: `Content-Length: ${text}\r\n`, body: 'hello', status: 400 });
const coding = (text: string): Wrong => ({ headers: `Transfer-Encoding: ${text}\r\n`, body: HELLO, status: 400 });
const header = (text: string): Wrong => ({ headers: `Content-Length: 5\r\n${text}\r\n`, body: 'hello', status: 400 });
const target = (line: string, status = 400): Wrong => ({ line, status });

const WRONG: Readonly<Record<string, Wrong>> = {
  // F1: how long is it?
  'F1 Content-Length and Transfer-Encoding': { headers: 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', body: HELLO, status: 400 },
  'F1 two Content-Length that differ': length('5\r\nContent-Length: 4'),
  'F1 two Content-Length that agree': length('5\r\nContent-Length: 5'),
  'F1 a list of lengths': length('5, 5'),
  'F1 a length with a plus': length('+5'),
  'F1 a length in hexadecimal': length('0x5'),
  'F1 a negative length': length('-1'),
  'F1 a length with an exponent': length('1e3'),
  'F1 a length of 2^64': length('18446744073709551616'),
  'F1 a length with a space inside': length('5 5'),
  'F1 an empty length': length(''),
  // F2: headers that two parsers read in two ways
  'F2 a space before the colon': header('X-A : b'),
  'F2 a header that begins with a space': header(' X-A: b'),
  'F2 a folded header': header('X-A: b\r\n c'),
  'F2 a lone CR': header('X-A: b\rX-B: c'),
  'F2 a lone LF': header('X-A: b\nContent-Length: 0'),
  'F2 NUL in a value': header('X-A: b\0c'),
  'F2 NUL in a name': header('X-\0A: b'),
  'F2 a coding that begins with a control character': coding('\x0bchunked'),
  'F2 a coding in quotes': coding('"chunked"'),
  'F2 a coding that ends like chunked': coding('xchunked'),
  'F2 chunked, and then nothing': coding('chunked, identity'),
  'F2 chunked twice': coding('chunked\r\nTransfer-Encoding: chunked'),
  // F3, F4: codings that Node takes
  'F3 gzip, chunked': coding('gzip, chunked'),
  'F3 identity, chunked': coding('identity, chunked'),
  'F4 chunks in HTTP/1.0': { ...coding('chunked'), line: `${UPLOAD} HTTP/1.0` },
  // F5, F6, F7: where does it go, and where does it end?
  'F5 two Host headers': header('Host: evil.example'),
  'F6 a whole URL as target': target(`GET http://evil.example${CONFIG} HTTP/1.1`),
  'F6 an authority as target': target('GET evil.example:80 HTTP/1.1'),
  'F6 an asterisk as target': target('GET * HTTP/1.1'),
  'F7 a fragment in the target': target(`GET ${CONFIG}#part HTTP/1.1`),
  'F7 GET with a body': { line: `GET ${CONFIG} HTTP/1.1`, headers: 'Content-Length: 5\r\n', body: 'hello', status: 400 },
  'F7 GET with chunks': { line: `GET ${CONFIG} HTTP/1.1`, headers: 'Transfer-Encoding: chunked\r\n', body: HELLO, status: 400 },
  'F7 HEAD with a body': { line: `HEAD ${CONFIG} HTTP/1.1`, headers: 'Content-Length: 5\r\n', body: 'hello', status: 400 },
  // F8, F9: too much of it
  'F8 headers of 17 KiB': { ...header(`X-A: ${'a'.repeat(17 * 1024)}`), status: 431 },
  'F8 a target of 20 KiB': target(`GET ${CONFIG}?a=${'a'.repeat(20 * 1024)} HTTP/1.1`, 431),
  'F8 a target of 13 KiB': target(`GET ${CONFIG}?a=${'a'.repeat(13 * 1024)} HTTP/1.1`, 414),
  'F9 a chunk extension of 20 KiB': { headers: 'Transfer-Encoding: chunked\r\n', body: `5;a=${'a'.repeat(20 * 1024)}\r\nhello\r\n0\r\n\r\n`, status: 413 },
  // F25: what is no HTTP/1.1
  'F25 the preface of HTTP/2': { line: 'PRI * HTTP/2.0', status: 400 },
  'F25 HTTP/2 by its version': target(`GET ${CONFIG} HTTP/2.0`),
  'F25 no HTTP at all': target('\x16\x03\x01\x02\x00'),
};

function toBytes({ line = `${UPLOAD} HTTP/1.1`, headers = '', body = '' }: Wrong): string {
  return `${line}\r\nHost: x\r\nAuthorization: Bearer ${site.user().account.token}\r\n${headers}\r\n${body}`;
}

/** A request that must never be seen: it would be answered with 200. */
function smuggled(): string {
  return requestHead(site.user(), `GET ${CONFIG}`);
}

describe('a request that two servers could read in two ways, or that is no request', () => {
  for (const [what, wrong] of Object.entries(WRONG)) {
    it(`is refused, and nothing behind it is read: ${what}`, async () => {
      using connection = await RawConnection.open(port);
      await connection.write(toBytes(wrong) + smuggled());
      const method = wrong.line?.split(' ')[0];
      const answer = await connection.readResponse(method);
      assert.equal(answer.status, wrong.status, answer.body.toString());
      checkEveryAnswer(method ?? 'POST', what, { ...answer, headers: Object.fromEntries(answer.headers) });
      assert.equal((await connection.readToEnd()).toString('latin1'), '');
    });
  }
});

describe('a connection', () => {
  it('F10 that says its headers slowly is closed, and hundreds of them hinder nobody', { timeout: 30_000 }, async () => {
    const user = site.user();
    const uri = await user.upload('bytes');
    const startedAt = performance.now();
    const slow = await Promise.all(Array.from({ length: 500 }, () => RawConnection.open(port)));
    const drip = setInterval(() => slow.forEach((one) => void one.write('a')), HEADERS_TIMEOUT_MS / 3);
    for (const one of slow) await one.write('GET / HTTP/1.1\r\nX-A: ');
    for (let round = 0; round < 20; round += 1) assertBytes(await user.download(uri), Buffer.from('bytes'));
    const answers = await Promise.all(slow.map((one) => one.readToEnd()));
    clearInterval(drip);
    const tookMs = performance.now() - startedAt;
    assert.deepEqual([...new Set(answers.map((answer) => answer.toString('latin1', 0, 12)))], ['HTTP/1.1 408']);
    assert.ok(tookMs < HEADERS_TIMEOUT_MS * 1.5 + 2000, `took ${tookMs} ms`);
  });

  it('F13 that is idle hinders nobody, be they thousands', async () => {
    const idle = await Promise.all(Array.from({ length: 2000 }, () => RawConnection.open(port)));
    assertJson(await site.user().call(CONFIG));
    assert.equal((await fetch(`http://127.0.0.1:${site.ports.metrics}/readyz`)).status, 200);
    for (const one of idle) one.destroy();
  });

  it('F14 that asks ahead gets its answers in order, and no more than it may have at once', LINUX_ONLY, async () => {
    const user = site.user();
    const uris = await Promise.all(Array.from({ length: MAX_PIPELINED }, (_, index) => user.upload(`body ${index}`)));
    using connection = await RawConnection.open(port);
    const pid = program.pidsOf('gateway').at(-1) ?? 0;
    const before = await resetPeakMemory(pid);
    await connection.write(uris.map((uri) => requestHead(user, `GET ${downloadPath(uri)}`)).join('') + smuggled().repeat(10_000));
    for (const [index] of uris.entries()) {
      const answer = await connection.readResponse();
      assert.deepEqual([answer.status, answer.body.toString()], [200, `body ${index}`]);
    }
    assert.equal((await connection.readToEnd()).toString('latin1'), '');
    const growth = (await readPeakMemory(pid)) - before;
    assert.ok(growth < 32 * MIB, `grew by ${growth} bytes`);
  });
});
