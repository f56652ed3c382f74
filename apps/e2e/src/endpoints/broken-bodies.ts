import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { RawConnection, sendRaw } from '@medley/testing/raw-http';
import { randomBody } from '../harness/bodies.ts';
import { parseError } from '../harness/every-answer.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { downloadPath, uploadPath } from '../harness/media-user.ts';
import { CAN_LOOK_INTO_PROCESSES, countOpenFiles } from '../harness/processes.ts';
import { requestHead } from '../harness/request-head.ts';
import { untilRequestEnded } from '../harness/requests-ended.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

const POST = 'POST /_matrix/media/v3/upload';

/** Uploads that no well-behaved client sends. None may leave bytes behind that nobody meant. */
export function describeBrokenBodies(system: System): void {
  describe('upload, broken', () => {
    framing(system);
    lyingLengths(system);
    leaving(system);
    expectContinue(system);
  });
}

function framing({ site }: System): void {
  const broken: Readonly<Record<string, { readonly headers: readonly string[]; readonly body: string }>> = {
    'two Content-Length headers that differ': { headers: ['Content-Length: 4', 'Content-Length: 5'], body: 'hello' },
    'two lengths in one Content-Length': { headers: ['Content-Length: 5, 4'], body: 'hello' },
    'both Content-Length and chunks': { headers: ['Content-Length: 5', 'Transfer-Encoding: chunked'], body: '5\r\nhello\r\n0\r\n\r\n' },
    'a negative Content-Length': { headers: ['Content-Length: -1'], body: 'hello' },
    'a Content-Length that is no number': { headers: ['Content-Length: 0x5'], body: 'hello' },
    'a coding besides chunked': { headers: ['Transfer-Encoding: gzip, chunked'], body: '5\r\nhello\r\n0\r\n\r\n' },
    'a chunk size that is no number': { headers: ['Transfer-Encoding: chunked'], body: 'five\r\nhello\r\n0\r\n\r\n' },
    'a control character in Content-Type': { headers: ['Content-Length: 5', 'Content-Type: text/\x01plain'], body: 'hello' },
    'a lone CR in Content-Type': { headers: ['Content-Length: 5', 'Content-Type: text/plain\rX-Evil: 1'], body: 'hello' },
    'NUL in Content-Type': { headers: ['Content-Length: 5', 'Content-Type: text/plain\0'], body: 'hello' },
    'two Content-Type headers': { headers: ['Content-Length: 5', 'Content-Type: text/plain', 'Content-Type: text/html'], body: 'hello' },
  };
  for (const [what, { headers, body }] of Object.entries(broken)) {
    it(`refuses ${what} and stores nothing`, async () => {
      const before = await site.blobs.originals();
      const answer = await sendRaw(site.ports.http, requestHead(site.user(), POST, ...headers) + body);
      assert.equal(answer.status, 400, answer.body.toString());
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      parseError(answer.body);
      assert.deepEqual(await site.blobs.originals(), before);
    });
  }

  it('never lets a folded Content-Type become a header of its own', async () => {
    const user = site.user();
    const answer = await sendRaw(site.ports.http, `${requestHead(user, POST, 'Content-Length: 5', 'Content-Type: text/plain\r\n X-Evil: 1')}hello`);
    assert.equal(answer.status, 400, answer.body.toString());
  });
}

function lyingLengths({ site, program }: System): void {
  it('stores nothing of a body that is shorter than its Content-Length', async () => {
    const user = site.user();
    const before = await site.blobs.originals();
    await untilRequestEnded(program, 'uploadContent', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(`${requestHead(user, POST, 'Content-Length: 1000')}only this`);
      connection.finish();
      assert.doesNotMatch((await connection.readToEnd()).toString(), /^HTTP\/1\.1 200/);
    });
    assert.deepEqual(await site.blobs.originals(), before);
  });

  it('takes of a body that is longer than its Content-Length no more than was announced', async () => {
    const user = site.user();
    const before = await site.blobs.originals();
    using connection = await RawConnection.open(site.ports.http);
    await connection.write(`${requestHead(user, POST, 'Content-Length: 5')}hello, world\r\n\r\n`);
    const { status } = await connection.readResponse();
    assert.ok(status === 200 || status === 400, `got ${status}`);
    const stored = (await site.blobs.originals()).filter((digest) => !before.includes(digest));
    assert.ok(stored.every((digest) => digest === createHash('sha256').update('hello').digest('hex')), stored.join());
    assert.doesNotMatch((await connection.readToEnd()).toString(), /^HTTP\/1\.1 200/);
  });

  it('reads what follows the announced length as a request of its own, without the token of the first', async () => {
    const user = site.user();
    using connection = await RawConnection.open(site.ports.http);
    await connection.write(`${requestHead(user, POST, 'Content-Length: 5')}helloGET /_matrix/client/v1/media/config HTTP/1.1\r\nHost: x\r\n\r\n`);
    const first = await connection.readResponse();
    assert.equal(first.status, 200);
    const [, mediaId = ''] = /mxc:\/\/[^/]+\/([^"]+)/.exec(first.body.toString()) ?? [];
    assertBytes(await user.download(parseMxcParts(site.serverName, mediaId)), Buffer.from('hello'));
    assert.equal((await connection.readResponse()).status, 401);
  });

  it('stores nothing of chunks without an end', async () => {
    const user = site.user();
    const before = await site.blobs.originals();
    await untilRequestEnded(program, 'uploadContent', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(`${requestHead(user, POST, 'Transfer-Encoding: chunked')}5\r\nhello\r\n`);
      connection.finish();
      assert.doesNotMatch((await connection.readToEnd()).toString(), /^HTTP\/1\.1 200/);
    });
    assert.deepEqual(await site.blobs.originals(), before);
  });
}

function leaving({ site, program }: System): void {
  it('stores nothing when the client leaves in the middle of an upload', async () => {
    const user = site.user();
    const before = await site.blobs.originals();
    await untilRequestEnded(program, 'uploadContent', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(requestHead(user, POST, 'Content-Length: 10000000'));
      await connection.write(randomBody(2_000_000));
      connection.destroy();
    });
    assert.deepEqual(await site.blobs.originals(), before);
  });

  it('leaves the id pending when the client leaves in the middle of an upload to it', async () => {
    const user = site.user();
    const pending = await user.create();
    const before = await site.blobs.originals();
    await untilRequestEnded(program, 'uploadContentToMXC', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(requestHead(user, `PUT ${uploadPath(pending)}`, 'Transfer-Encoding: chunked'));
      await connection.write(`1e8480\r\n${randomBody(2_000_000).toString('latin1')}\r\n`);
      connection.destroy();
    });
    assert.deepEqual(await site.blobs.originals(), before);
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    assert.equal((await user.put(pending, 'again')).status, 200);
    assertBytes(await user.download(pending), Buffer.from('again'));
  });

  it('closes what it had opened when clients leave in the middle of downloads', { skip: CAN_LOOK_INTO_PROCESSES ? false : 'reads /proc' }, async () => {
    const user = site.user();
    const bytes = Buffer.alloc(32 * 2 ** 20, randomBody(32));
    const uri = await user.upload(bytes);
    assertBytes(await user.download(uri), bytes);
    const pids = (['gateway', 'storage'] as const).map((service) => program.pidsOf(service).at(-1) ?? 0);
    const before = await Promise.all(pids.map(countOpenFiles));
    for (let i = 0; i < 10; i += 1) {
      await untilRequestEnded(program, 'getContentAuthed', async () => {
        using connection = await RawConnection.open(site.ports.http);
        await connection.write(requestHead(user, `GET ${downloadPath(uri)}`));
        await connection.readSome(100_000);
        connection.destroy();
      });
    }
    await eventually(async () => {
      const now = await Promise.all(pids.map(countOpenFiles));
      now.forEach((count, index) => assert.ok(count < (before[index] ?? 0) + 5, `open files of gateway and storage: ${before.join()}, then ${now.join()}`));
    });
    assertBytes(await user.download(uri), bytes);
  });
}

function expectContinue({ site }: System): void {
  it('asks for the body of an upload that waits to be asked', async () => {
    const user = site.user();
    using connection = await RawConnection.open(site.ports.http);
    await connection.write(requestHead(user, POST, 'Content-Length: 5', 'Expect: 100-continue'));
    assert.equal((await connection.readResponse()).status, 100);
    await connection.write('hello');
    assert.equal((await connection.readResponse()).status, 200);
  });

  it('refuses an upload that is too large, or from a stranger, before its body is sent', async () => {
    const stranger = site.user({ userId: '@nobody:e2e.example', token: 'nobody' });
    const tooLong = `Content-Length: ${MAX_UPLOAD_BYTES + 1}`;
    assert.equal((await sendRaw(site.ports.http, requestHead(site.user(), POST, tooLong, 'Expect: 100-continue'))).status, 413);
    assert.equal((await sendRaw(site.ports.http, requestHead(site.user(), POST, tooLong))).status, 413);
    assert.equal((await sendRaw(site.ports.http, requestHead(stranger, POST, 'Content-Length: 5', 'Expect: 100-continue'))).status, 401);
  });
}
