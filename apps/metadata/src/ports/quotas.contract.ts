import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import type { QuotaLimit, QuotaWish } from '../domain/quota-rules.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { QuotaGrant } from './quotas.ts';
import { because, HOUR_MS, ORIGIN, ownContent, reservationOf, rounds, someone, soon } from './samples.contract.ts';

const exceeded = because('USER_LIMIT_EXCEEDED');

/** What every store promises of quotas. */
export function testQuotas(replicas: Replicas, open: OpenStore): void {
  test('what is recorded and what is reserved counts, for every process, and what is released does not', async () => {
    const userId = someone();
    await upload(replicas.next(), userId, 600);
    const first = await replicas.next().quotas.reserve(wishOf(userId, 300), soon());
    assert.equal(first.bytes, 300);
    assert.match(first.reservation, /^[A-Za-z0-9_-]{1,64}$/);
    await assert.rejects(replicas.next().quotas.reserve(wishOf(userId, 101), soon()), exceeded);
    for (const store of replicas.all()) assert.deepEqual(await store.quotas.use(userId, [0], soon()), [{ bytes: 900, files: 2 }]);
    await release(replicas.next(), userId, first, false);
    await replicas.next().quotas.reserve(wishOf(userId, 400), soon());
    await replicas.next().quotas.reserve(wishOf(someone(), 1000), soon());
  });

  test('an upload counts from its record on, and once its reservation is released only once', async () => {
    const userId = someone();
    for (const _ of [1, 2, 3]) {
      const grant = await replicas.next().quotas.reserve(wishOf(userId, 300), soon());
      await upload(replicas.next(), userId, 300);
      await release(replicas.next(), userId, grant, true);
    }
    assert.deepEqual(await replicas.next().quotas.use(userId, [0], soon()), [{ bytes: 900, files: 3 }]);
    await assert.rejects(replicas.next().quotas.reserve(wishOf(userId, 101), soon()), exceeded);
    await replicas.next().quotas.reserve(wishOf(userId, 100), soon());
  });

  test('files are counted like bytes, and no room at all is refused even to an empty file', async () => {
    const userId = someone();
    const limits = [limitOf(0, { maxFiles: 2 })];
    await upload(replicas.next(), userId, 5_000_000_000);
    await replicas.next().quotas.reserve({ ...wishOf(userId, 0), limits }, soon());
    await assert.rejects(replicas.next().quotas.reserve({ ...wishOf(userId, 0), limits }, soon()), exceeded);
    await assert.rejects(replicas.next().quotas.reserve({ ...wishOf(someone(), 0), limits: [limitOf(0, { maxFiles: 0 })] }, soon()), exceeded);
    await replicas.next().quotas.reserve({ ...wishOf(someone(), 0), limits: [limitOf(0, { maxBytes: 0 })] }, soon());
  });

  test('of what is counted are local uploads, in the trash too; not previews, pending ids, or what is gone', async () => {
    const userId = someone();
    const store = replicas.next();
    const kept = await upload(store, userId, 100);
    const trashed = await upload(store, userId, 200);
    const deleted = await upload(store, userId, 400);
    await store.record({ origin: ORIGIN, userId, content: { ...ownContent(), sizeBytes: 800 }, expiresAt: Date.now() + HOUR_MS }, soon());
    await store.reserve(reservationOf(userId), soon());
    await store.acts.delete({ uris: [trashed], by: userId, trashMs: HOUR_MS }, soon());
    await store.acts.delete({ uris: [deleted], by: userId }, soon());
    for (const other of replicas.all()) assert.deepEqual(await other.quotas.use(userId, [0], soon()), [{ bytes: 300, files: 2 }]);
    await store.acts.delete({ uris: [kept], by: userId }, soon());
    await eventually(async () => assert.deepEqual(await replicas.next().quotas.use(userId, [0], soon()), [{ bytes: 200, files: 1 }]));
    await replicas.next().quotas.reserve(wishOf(userId, 800), soon());
  });

  test('a window counts what was created within it, and all windows must have room', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const userId = someone();
    const limits = [limitOf(1000, { maxBytes: 100 }), limitOf(0, { maxBytes: 1000 }), limitOf(5000, { maxBytes: 150, maxFiles: 3 })];
    const wish = (bytes: number): QuotaWish => ({ ...wishOf(userId, bytes), limits });
    await upload(store, userId, 100);
    await assert.rejects(store.quotas.reserve(wish(1), soon()), exceeded);
    now += 1000;
    assert.deepEqual(await store.quotas.use(userId, [1000, 0, 5000], soon()), [{ bytes: 0, files: 0 }, { bytes: 100, files: 1 }, { bytes: 100, files: 1 }]);
    await assert.rejects(store.quotas.reserve(wish(51), soon()), exceeded);
    await upload(store, userId, 50);
    await assert.rejects(store.quotas.reserve(wish(1), soon()), exceeded);
    now += 4000;
    await store.quotas.reserve(wish(100), soon());
  });

  test('who takes less gets what is left of the tightest limit, as long as it is more than nothing', async () => {
    const userId = someone();
    const limits = [limitOf(0, { maxBytes: 1000 }), limitOf(HOUR_MS, { maxBytes: 700 })];
    const wish = { ...wishOf(userId, 5000), limits, isPartial: true };
    await upload(replicas.next(), userId, 400);
    const grant = await replicas.next().quotas.reserve(wish, soon());
    assert.equal(grant.bytes, 300);
    assert.deepEqual(await replicas.next().quotas.use(userId, [0], soon()), [{ bytes: 700, files: 2 }]);
    await assert.rejects(replicas.next().quotas.reserve(wish, soon()), exceeded);
    await release(replicas.next(), userId, grant, false);
    assert.equal((await replicas.next().quotas.reserve({ ...wish, bytes: 20 }, soon())).bytes, 20);
  });

  test('a reservation that nobody releases lapses, and is forgotten', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const userId = someone();
    const grant = await store.quotas.reserve({ ...wishOf(userId, 1000), lifetimeMs: 1000 }, soon());
    await assert.rejects(store.quotas.reserve(wishOf(userId, 1), soon()), exceeded);
    now += 1000;
    assert.deepEqual(await store.quotas.use(userId, [0], soon()), [{ bytes: 0, files: 0 }]);
    assert.ok(await store.quotas.expire(1000, soon()) >= 1);
    assert.equal(await store.quotas.expire(1000, soon()), 0);
    await release(store, userId, grant, false);
    await store.quotas.reserve(wishOf(userId, 1000), soon());
  });

  test('room of which nobody knows whether it was used is kept for as long as a record may come, and no longer than it would be', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const userId = someone();
    const [long, short] = [
      await store.quotas.reserve({ ...wishOf(userId, 600), lifetimeMs: HOUR_MS }, soon()),
      await store.quotas.reserve({ ...wishOf(userId, 300), lifetimeMs: 1000 }, soon()),
    ];
    for (const { reservation } of [long, short]) await store.quotas.release({ userId, reservation, isUsed: undefined }, soon());
    const usedAfter = async (ms: number) => {
      now += ms;
      return (await store.quotas.use(userId, [0], soon()))[0]?.bytes;
    };
    assert.deepEqual([await usedAfter(999), await usedAfter(1), await usedAfter(88_999), await usedAfter(1)], [900, 600, 600, 0]);
  });

  test('who has left before his turn leaves nothing behind', async () => {
    const userId = someone();
    const leaving = new AbortController();
    const work = replicas.next().quotas.reserve(wishOf(userId, 10), leaving.signal);
    leaving.abort(new Error('gone'));
    // A store that answers within the call has done so by now, and its answer is there to be released.
    const grant = await work.catch(() => undefined);
    await eventually(async () => assert.deepEqual(await replicas.next().quotas.use(userId, [0], soon()), [{ bytes: grant?.bytes ?? 0, files: grant === undefined ? 0 : 1 }]));
  });
}

const ONE_AT_ONCE = 40;
const ROOM = 10;

/** What every store promises of quotas when many want the same room. */
export function testQuotaRaces(replicas: Replicas): void {
  test('of many uploads at once as many get in as there is room for, and never one more', async () => {
    for (const _ of rounds({ least: 2, most: 5, withinMs: 4000 })) {
      const userId = someone();
      const wish = { ...wishOf(userId, 100), limits: [limitOf(0, { maxBytes: ROOM * 100 + 50 })] };
      const outcomes = await Promise.allSettled(Array.from({ length: ONE_AT_ONCE }, async () => {
        const store = replicas.next();
        const grant = await store.quotas.reserve(wish, AbortSignal.timeout(60_000));
        await upload(store, userId, 100);
        await release(replicas.next(), userId, grant, true);
      }));
      for (const outcome of outcomes) if (outcome.status === 'rejected') exceeded(outcome.reason);
      const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
      assert.ok(stored <= ROOM && stored >= ROOM - 1, `${stored} got in`);
      assert.deepEqual(await replicas.next().quotas.use(userId, [0], soon()), [{ bytes: stored * 100, files: stored }]);
    }
  });

  test('uploads that take less do not take more than there is together', async () => {
    for (const _ of rounds({ least: 2, most: 5, withinMs: 4000 })) {
      const userId = someone();
      const wishes = [30, 70, 500, 1000].map((bytes) => ({ ...wishOf(userId, bytes), isPartial: true }));
      const grants = await Promise.allSettled(wishes.map((wish) => replicas.next().quotas.reserve(wish, soon())));
      const bytes = grants.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value.bytes : 0), 0);
      assert.ok(bytes > 0 && bytes <= 1000, `${bytes} bytes`);
      assert.equal((await replicas.next().quotas.use(userId, [0], soon()))[0]?.bytes, bytes);
    }
  });
}

function limitOf(windowMs: number, { maxBytes, maxFiles }: Partial<QuotaLimit>): QuotaLimit {
  return { windowMs, maxBytes, maxFiles };
}

/** Of somebody who may have 1000 bytes. */
function wishOf(userId: string, bytes: number): QuotaWish {
  return { userId, bytes, isPartial: false, limits: [limitOf(0, { maxBytes: 1000 })], lifetimeMs: HOUR_MS };
}

async function upload(store: MetadataStore, userId: string, sizeBytes: number) {
  return (await store.record({ origin: ORIGIN, userId, content: { ...ownContent(), sizeBytes } }, soon())).uri;
}

function release(store: MetadataStore, userId: string, { reservation }: QuotaGrant, isUsed: boolean): Promise<void> {
  return store.quotas.release({ userId, reservation, isUsed }, soon());
}
