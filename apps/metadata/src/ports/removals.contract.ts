import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@medley/domain/digest';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { ClaimedRemovals, RemovalClaim } from './removals.ts';
import { because, HOUR_MS, ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';

const DAY_MS = 24 * HOUR_MS;
const AT_ONCE: RemovalClaim = { store: COMMON_STORE, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false };

/** What every store promises of the removal of bytes. */
export function testRemovals(replicas: Replicas, open: OpenStore): void {
  test('only what no record names is condemned, and again and again it is answered so', async () => {
    const { content: { digest: used } } = await replicas.next().record(ownUpload(), soon());
    const { digest: unused } = ownContent();
    for (const store of replicas.all()) assert.deepEqual(await condemn(store, used, unused), [unused]);
    await clear(replicas);
  });

  test('what was condemned is handed out once it has waited, as it was stored when it was condemned first', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const { digest } = ownContent();
    await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 5 }], isDryRun: false }, soon());
    await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 7 }], isDryRun: false }, soon());
    now += 999;
    assert.deepEqual(await claimOf(store, [digest], { waitMs: 1000 }), { removals: [], sparedCount: 0 });
    now += 1;
    assert.deepEqual(await claimOf(store, [digest], { waitMs: 1000 }), { removals: [{ digest, storedAt: 5 }], sparedCount: 0 });
    assert.deepEqual(await claimOf(store, [digest]), { removals: [], sparedCount: 0 });
    await store.removals.finish({ store: COMMON_STORE, digests: [digest] }, soon());
  });

  test('a claim that is never finished is handed out again and again, each time after its time', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const { digest } = ownContent();
    await condemn(store, digest);
    for (let count = 0; count < 3; count += 1) {
      assert.deepEqual((await claimOf(store, [digest])).removals, [{ digest, storedAt: 1 }]);
      now += HOUR_MS - 1;
      assert.deepEqual((await claimOf(store, [digest])).removals, []);
      now += 1;
    }
    // Even when nobody came for days, the bytes are as doomed as before.
    now += 3 * DAY_MS;
    await store.removals.claim({ ...AT_ONCE, limit: 1, isDryRun: false, waitMs: 10 * DAY_MS }, soon());
    await assert.rejects(store.record(ownUpload({ ...ownContent(), digest }), soon()), because('SERVICE_UNAVAILABLE'));
    assert.deepEqual((await claimOf(store, [digest])).removals, [{ digest, storedAt: 1 }]);
    await store.removals.finish({ store: COMMON_STORE, digests: [digest] }, soon());
  });

  test('an upload of condemned bytes lifts the condemnation', async () => {
    const content = ownContent();
    const { digest } = content;
    await condemn(replicas.next(), digest);
    const { uri } = await replicas.next().record(ownUpload(content), soon());
    assert.deepEqual(await claimOf(replicas.next(), [digest]), { removals: [], sparedCount: 1 });
    assert.deepEqual(await claimOf(replicas.next(), [digest]), { removals: [], sparedCount: 0 });
    assert.deepEqual(await condemn(replicas.next(), digest), []);
    await replicas.next().acts.delete({ uris: [uri], by: 'test' }, soon());
    assert.deepEqual(await condemn(replicas.next(), digest), [digest]);
    assert.deepEqual((await claimOf(replicas.next(), [digest])).removals, [{ digest, storedAt: 1 }]);
    await replicas.next().removals.finish({ store: COMMON_STORE, digests: [digest] }, soon());
  });

  test('between the claim of a removal and its end no record comes to name the bytes; afterwards they may come again', async () => {
    const userId = someone();
    const content = ownContent();
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    await condemn(replicas.next(), content.digest);
    await claimOf(replicas.next(), [content.digest]);
    for (const store of replicas.all()) {
      await assert.rejects(store.record(ownUpload(content), soon()), because('SERVICE_UNAVAILABLE'));
      await assert.rejects(store.commit(uri, { userId, content }, soon()), because('SERVICE_UNAVAILABLE'));
      assert.equal((await store.find([uri], soon()))[0]?.state, 'pending');
    }
    await replicas.next().removals.finish({ store: COMMON_STORE, digests: [content.digest] }, soon());
    await replicas.next().commit(uri, { userId, content }, soon());
    assert.deepEqual(await condemn(replicas.next(), content.digest), []);
  });

  test('a dry run says the same and does nothing', async () => {
    const content = ownContent();
    const { digest } = content;
    assert.deepEqual(await condemn(replicas.next(), digest, { isDryRun: true }), [digest]);
    assert.deepEqual((await claimOf(replicas.next(), [digest])).removals, []);
    await condemn(replicas.next(), digest);
    for (let count = 0; count < 2; count += 1) {
      assert.deepEqual((await claimOf(replicas.next(), [digest], { isDryRun: true })).removals, [{ digest, storedAt: 1 }]);
    }
    await replicas.next().record(ownUpload(content), soon());
    assert.deepEqual(await claimOf(replicas.next(), [digest], { isDryRun: true }), { removals: [], sparedCount: 1 });
    assert.deepEqual(await claimOf(replicas.next(), [digest]), { removals: [], sparedCount: 1 });
  });

  test('a claim takes no more than it asks for, and others take the rest', async () => {
    const digests = Array.from({ length: 5 }, () => ownContent().digest);
    const store = replicas.next();
    await condemn(store, ...digests);
    const taken: Digest[] = [];
    for (const expected of [2, 2, 1, 0]) {
      const { removals } = await replicas.next().removals.claim({ ...AT_ONCE, limit: 2 }, soon());
      assert.equal(removals.length, expected);
      taken.push(...removals.map(({ digest }) => digest));
    }
    assert.deepEqual(taken.sort(), digests.sort());
    await store.removals.finish({ store: COMMON_STORE, digests }, soon());
  });
}

type Options = Partial<RemovalClaim>;

/** Condemns digests that were stored at 1; a last argument may ask for a dry run. */
async function condemn(store: MetadataStore, ...args: readonly (Digest | { readonly isDryRun: boolean })[]): Promise<readonly Digest[]> {
  const digests = args.filter((arg) => typeof arg === 'string');
  const isDryRun = args.some((arg) => typeof arg === 'object' && arg.isDryRun);
  return store.removals.condemn({ store: COMMON_STORE, blobs: digests.map((digest) => ({ digest, storedAt: 1 })), isDryRun }, soon());
}

/** Claims, and looks only at some digests among what comes. */
async function claimOf(store: MetadataStore, digests: readonly Digest[], options: Options = {}): Promise<ClaimedRemovals> {
  const { removals, sparedCount } = await store.removals.claim({ ...AT_ONCE, ...options }, soon());
  return { removals: removals.filter(({ digest }) => digests.includes(digest)), sparedCount };
}

/** Leaves nothing condemned for the next test. */
async function clear(replicas: Replicas): Promise<void> {
  const { removals } = await replicas.next().removals.claim(AT_ONCE, soon());
  await replicas.next().removals.finish({ store: COMMON_STORE, digests: removals.map(({ digest }) => digest) }, soon());
}
