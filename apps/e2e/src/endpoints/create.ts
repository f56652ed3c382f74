import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertError, assertJson } from '../harness/expect.ts';
import type { System } from '../harness/system.ts';

const DAY_MS = 86_400_000;
const MAX_PENDING = 5;

/** POST /_matrix/media/v1/create */
export function describeCreate(system: System): void {
  describe('create', () => {
    reserving(system);
    pendingLimit(system);
  });
}

function reserving({ site }: System): void {
  it('reserves an id for a day', async () => {
    const from = Date.now();
    const { origin, mediaId, expiresAt } = await site.user().create();
    assert.equal(origin, site.serverName);
    assert.match(mediaId, /^[A-Za-z0-9_-]{22,255}$/);
    assert.ok(Number.isInteger(expiresAt));
    assert.ok(expiresAt >= from + DAY_MS - 1000 && expiresAt <= Date.now() + DAY_MS + 1000, `${expiresAt - from} ms from now`);
  });

  for (const body of ['', '{}', '{"org.example.future": {"a": [1]}}']) {
    it(`takes the body ${JSON.stringify(body)}`, async () => {
      assertJson(await site.user().tryCreate(body));
    });
  }

  for (const body of ['[]', 'not json', '\xff\xfe', 'x'.repeat(1_000_000)]) {
    it(`does not fail over the body ${JSON.stringify(body.slice(0, 10))} of ${body.length} characters`, async () => {
      const { status } = await site.user().tryCreate(body);
      assert.ok([200, 400, 413].includes(status), `got ${status}`);
    });
  }

  it('never gives the same id twice', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await site.user().create()).mediaId));
    assert.equal(new Set(ids).size, 20);
  });
}

function pendingLimit({ site }: System): void {
  it('refuses the sixth pending upload and says when to come back', async () => {
    const user = site.user();
    for (let i = 0; i < MAX_PENDING; i += 1) await user.create();
    const refused = await user.tryCreate();
    const { retry_after_ms: retryAfterMs } = assertError(refused, 429, 'M_LIMIT_EXCEEDED');
    assert.match(refused.headers['retry-after'] ?? '', /^[1-9][0-9]*$/);
    assert.ok(Number.isInteger(retryAfterMs) && Number(retryAfterMs) > 0, String(retryAfterMs));
  });

  it('counts each user alone', async () => {
    const [full, other] = [site.user(), site.user()];
    for (let i = 0; i < MAX_PENDING; i += 1) await full.create();
    await other.create();
  });

  it('does not count what has been uploaded', async () => {
    const user = site.user();
    const first = await user.create();
    for (let i = 1; i < MAX_PENDING; i += 1) await user.create();
    assertError(await user.tryCreate(), 429, 'M_LIMIT_EXCEEDED');
    assertJson(await user.put(first, 'bytes'));
    await user.create();
    assertError(await user.tryCreate(), 429, 'M_LIMIT_EXCEEDED');
  });

  it('lets no more than the limit through when many come at once', async () => {
    const user = site.user();
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await user.tryCreate()).status));
    assert.deepEqual(statuses.sort(), [...Array<number>(MAX_PENDING).fill(200), ...Array<number>(12 - MAX_PENDING).fill(429)]);
  });

  it('leaves plain uploads alone', async () => {
    const user = site.user();
    for (let i = 0; i < MAX_PENDING; i += 1) await user.create();
    await user.upload('bytes');
  });
}
