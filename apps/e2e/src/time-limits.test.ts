import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { RawConnection } from '@medley/testing/raw-http';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { parseError } from './harness/every-answer.ts';
import { downloadPath, uploadPath, type PendingMedia } from './harness/media-user.ts';
import { requestHead } from './harness/request-head.ts';
import { untilRequestEnded } from './harness/requests-ended.ts';
import { startSystem } from './harness/system.ts';

const EXPIRES_AFTER_MS = 1000;
const MAX_WAIT_MS = 3000;
const TOKEN_LIFETIME_MS = 300;
const STALL_MS = 1500;

const system = await startSystem('services', {
  config: {
    uploads: { unused_expires_after: `${EXPIRES_AFTER_MS}ms`, stall_timeout: `${STALL_MS}ms` },
    downloads: { max_wait: `${MAX_WAIT_MS}ms`, stall_timeout: `${STALL_MS}ms` },
    cache: { token_lifetime: `${TOKEN_LIFETIME_MS}ms` },
  },
});
const { site, program } = system;
after(() => system[Symbol.asyncDispose]());

async function untilExpired({ expiresAt }: PendingMedia, plusMs = 50): Promise<void> {
  await sleep(expiresAt + plusMs - Date.now());
}

describe('a reserved id', () => {
  it('that nobody filled in time is gone for everybody, at once', async () => {
    const user = site.user();
    const pending = await user.create();
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    await untilExpired(pending);
    const download = await user.download(pending, { query: { timeout_ms: MAX_WAIT_MS } });
    assertError(download, 404, 'M_NOT_FOUND');
    assert.ok(download.tookMs < EXPIRES_AFTER_MS, `took ${download.tookMs} ms`);
    assertError(await user.thumbnail(pending, { width: 32, height: 32 }), 404, 'M_NOT_FOUND');
    assertError(await user.put(pending, 'too late'), 404, 'M_NOT_FOUND');
    assertError(await site.user().put(pending, 'too late'), 404, 'M_NOT_FOUND');
  });

  it('that expires while somebody waits for it ends the wait', async () => {
    const user = site.user();
    const answer = await user.download(await user.create(), { query: { timeout_ms: MAX_WAIT_MS } });
    assert.ok(answer.status === 404 || answer.status === 504, `got ${answer.status}`);
    assertError(answer, answer.status, ['M_NOT_FOUND', 'M_NOT_YET_UPLOADED']);
    assert.ok(answer.tookMs < MAX_WAIT_MS + 1000, `took ${answer.tookMs} ms`);
  });

  it('that expired counts no more against the limit, and the refusal says when that will be', async () => {
    const user = site.user();
    for (let i = 0; i < 5; i += 1) await user.create();
    const { retry_after_ms: retryAfterMs } = assertError(await user.tryCreate(), 429, 'M_LIMIT_EXCEEDED');
    assert.ok(Number(retryAfterMs) > 0 && Number(retryAfterMs) <= EXPIRES_AFTER_MS + 100, String(retryAfterMs));
    await eventually(() => user.create(), 3 * EXPIRES_AFTER_MS);
  });
});

/** When uploads begin after the expiry of their ids: well before, all around it, well after. */
const LATENESSES_MS = [-500, ...Array.from({ length: 28 }, (_, index) => index * 2 - 28), 500];

describe('an upload that races the expiry of its id', () => {
  it('that began in time and ends too late either counts or leaves nothing', async () => {
    const user = site.user();
    const pending = await user.create();
    const chunk = Buffer.alloc(10_000, 'late');
    const before = await site.blobs.originals();
    const answer = await user.put(pending, repeatChunk(chunk, 4, (index) => (index === 3 ? untilExpired(pending, 300) : undefined)));
    if (answer.status === 200) {
      assertBytes(await user.download(pending), Buffer.concat([chunk, chunk, chunk, chunk]));
    } else {
      assertError(answer, 404, 'M_NOT_FOUND');
      assertError(await user.download(pending), 404, 'M_NOT_FOUND');
      assert.deepEqual(await site.blobs.originals(), before);
    }
  });

  it('counts if and only if its uploader is told so, however close it comes', async () => {
    const attempts = LATENESSES_MS.map(async (_, index) => {
      const user = site.user();
      const pending = await user.create();
      await untilExpired(pending, LATENESSES_MS[index] ?? 0);
      const body = `attempt ${index}`;
      const { status } = await user.put(pending, body);
      const download = await user.download(pending, { query: { timeout_ms: 0 } });
      if (status === 200) assertBytes(download, Buffer.from(body));
      else assert.deepEqual([status, download.status], [404, 404]);
      return status;
    });
    const statuses = await Promise.all(attempts);
    assert.deepEqual([statuses[0], statuses.at(-1)], [200, 404], `at both ends it is clear who wins: ${statuses.join()}`);
  });

  it('that is cut off after the expiry leaves the id expired', async () => {
    const user = site.user();
    const pending = await user.create();
    await untilRequestEnded(program, 'uploadContentToMXC', async () => {
      using connection = await RawConnection.open(site.ports.http);
      await connection.write(`${requestHead(user, `PUT ${uploadPath(pending)}`, 'Content-Length: 1000')}some`);
      await untilExpired(pending, 100);
      connection.destroy();
    });
    await eventually(async () => assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 404, 'M_NOT_FOUND'));
    assertError(await user.put(pending, 'again'), 404, 'M_NOT_FOUND');
  });
});

describe('a token', () => {
  it('that was revoked is believed no longer than the operator allows', async () => {
    const user = site.user();
    const path = '/_matrix/client/v1/media/config';
    assertJson(await user.call(path));
    site.homeserver.revoke(user.account.token);
    await eventually(async () => assertError(await user.call(path), 401, 'M_UNKNOWN_TOKEN'), TOKEN_LIFETIME_MS + 2000);
  });
});

describe('a client that stalls', () => {
  it('in the middle of its upload is told so, and nothing is stored', async () => {
    const user = site.user();
    const before = await site.blobs.originals();
    using connection = await RawConnection.open(site.ports.http);
    await connection.write(`${requestHead(user, 'POST /_matrix/media/v3/upload', 'Content-Length: 1000')}some`);
    const response = await connection.readResponse();
    assert.equal(response.status, 408);
    assert.equal(parseError(response.body).errcode, 'M_UNKNOWN');
    assert.deepEqual(await site.blobs.originals(), before);
  });

  it('but sends a little more than 1 KiB each second may go on for long', async () => {
    const user = site.user();
    const chunk = randomBody(1024);
    const uri = await user.upload(repeatChunk(chunk, 9, () => sleep(STALL_MS / 3)));
    assertBytes(await user.download(uri), Buffer.concat(Array.from({ length: 9 }, () => chunk)));
  });

  it('all but, with a byte now and then, is cut as one that stalls', async () => {
    const answer = await site.user().tryUpload(repeatChunk(Buffer.from('x'), 60, () => sleep(STALL_MS / 15)));
    assertError(answer, 408, 'M_UNKNOWN');
    assert.ok(answer.tookMs < 2 * STALL_MS, `took ${answer.tookMs} ms`);
  });

  it('in the middle of its download is cut', async () => {
    const user = site.user();
    const sizeBytes = 40 * 2 ** 20;
    const uri = await user.upload(Buffer.alloc(sizeBytes, 'stall'));
    using connection = await RawConnection.open(site.ports.http);
    await untilRequestEnded(program, 'getContentAuthed', async () => {
      await connection.write(requestHead(user, `GET ${downloadPath(uri)}`));
      await connection.readSome(1000);
      connection.pause();
    });
    connection.resume();
    assert.ok((await connection.readToEnd()).byteLength < sizeBytes);
  });
});
