import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertBytes, assertError, assertJson, assertNotCacheable } from '../harness/expect.ts';
import { downloadPath, thumbnailPath } from '../harness/media-user.ts';
import { MAX_WAIT_MS } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

/** Downloads of media whose bytes have not come yet (N29). */
export function describeDownloadPending(system: System): void {
  describe('download of pending media', () => {
    waiting(system);
    waking(system);
  });
}

function waiting({ site }: System): void {
  it('answers at once when it shall not wait', async () => {
    const user = site.user();
    const answer = await user.download(await user.create(), { query: { timeout_ms: 0 } });
    assertError(answer, 504, 'M_NOT_YET_UPLOADED');
    assertNotCacheable(answer);
    assert.ok(answer.tookMs < MAX_WAIT_MS - 100, `took ${answer.tookMs} ms`);
  });

  it('waits as long as it is asked to', async () => {
    const user = site.user();
    const answer = await user.download(await user.create(), { query: { timeout_ms: 400 } });
    assertError(answer, 504, 'M_NOT_YET_UPLOADED');
    assert.ok(answer.tookMs >= 380 && answer.tookMs < MAX_WAIT_MS, `took ${answer.tookMs} ms`);
  });

  it('waits no longer than the operator allows, whatever is asked', async () => {
    const user = site.user();
    const pending = await user.create();
    const queries = [{}, { timeout_ms: 60_000 }, { timeout_ms: 1e14 }];
    for (const answer of await Promise.all(queries.map((query) => user.download(pending, { query })))) {
      assertError(answer, 504, 'M_NOT_YET_UPLOADED');
      assert.ok(answer.tookMs >= MAX_WAIT_MS - 50 && answer.tookMs < MAX_WAIT_MS + 1500, `took ${answer.tookMs} ms`);
    }
  });

  for (const text of ['abc', '-1', '1.5', '1e3']) {
    it(`refuses timeout_ms=${text}`, async () => {
      const user = site.user();
      assertError(await user.download(await user.create(), { query: { timeout_ms: text } }), 400, 'M_INVALID_PARAM');
    });
  }

  it('answers HEAD, file names, thumbnails and the old paths the same', async () => {
    const user = site.user();
    const pending = await user.create();
    const query = { timeout_ms: 0 };
    assert.equal((await user.download(pending, { method: 'HEAD', query })).status, 504);
    assertError(await user.call(`${downloadPath(pending)}/name`, { query }), 504, 'M_NOT_YET_UPLOADED');
    assertError(await user.thumbnail(pending, { ...query, width: 32, height: 32 }), 504, 'M_NOT_YET_UPLOADED');
    const { origin, mediaId } = pending;
    for (const version of ['v3', 'r0', 'v1']) {
      const old = await user.call(`/_matrix/media/${version}/download/${origin}/${mediaId}`, { query, token: undefined });
      assertError(old, 504, 'M_NOT_YET_UPLOADED');
    }
  });
}

function waking({ site }: System): void {
  it('gives everybody who waits the bytes as soon as they are there', async () => {
    const user = site.user();
    const pending = await user.create();
    const waiters = Array.from({ length: 5 }, () => site.user().download(pending, { query: { timeout_ms: 60_000 } }));
    // So that they wait: had they come later, the test would pass without anybody waiting, and not fail wrongly.
    await sleep(200);
    assertJson(await user.put(pending, 'here it is', { type: 'text/plain' }));
    for (const answer of await Promise.all(waiters)) assertBytes(answer, Buffer.from('here it is'));
  });

  it('does not remember that something was missing', async () => {
    const user = site.user();
    const pending = await user.create();
    assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
    assertError(await user.call(thumbnailPath(pending), { query: { timeout_ms: 0, width: 32, height: 32 } }), 504, 'M_NOT_YET_UPLOADED');
    assertJson(await user.put(pending, 'bytes'));
    assertBytes(await user.download(pending), Buffer.from('bytes'));
  });
}
