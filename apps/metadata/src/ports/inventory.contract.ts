import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { Reference, Usage, UsageQuery } from './inventory.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { HOUR_MS, ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';

const ALL: UsageQuery = { filter: {}, limit: 1 };

/** What every store promises to those who keep house. */
export function testInventory(replicas: Replicas, open: OpenStore): void {
  test('references come in order, page by page, with size, count and loss; deleted media is not among them', async () => {
    const [twice, lost, deleted] = [ownContent(), ownContent(), ownContent()];
    for (const content of [twice, lost, twice, deleted]) {
      const { uri } = await replicas.next().record(ownUpload(content), soon());
      if (content === deleted) await replicas.next().acts.delete({ uris: [uri], by: 'test' }, soon());
    }
    await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [lost.digest], isLost: true, by: 'test' }, soon());
    const all = await readReferences(replicas.next(), 1000);
    assert.deepEqual(all.map(({ digest }) => digest), all.map(({ digest }) => digest).sort());
    assert.deepEqual(
      all.filter(({ digest }) => [twice, lost, deleted].some((content) => content.digest === digest)),
      [
        { digest: twice.digest, sizeBytes: 1000, mediaCount: 2, lost: false },
        { digest: lost.digest, sizeBytes: 1000, mediaCount: 1, lost: true },
      ].sort((first, second) => (first.digest < second.digest ? -1 : 1)),
    );
    for (const limit of [1, 2, 3]) assert.deepEqual(await readReferences(replicas.next(), limit), all);
  });

  test('usage counts media, its bytes, and what is pending, lapsed and condemned', async () => {
    const before = await replicas.next().inventory.usage(ALL, soon());
    const content = ownContent();
    const userId = someone();
    for (let count = 0; count < 2; count += 1) await replicas.next().record(ownUpload(content), soon());
    await replicas.next().reserve(reservationOf(userId), soon());
    await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt: Date.now() - 1 }), soon());
    const kept = await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt: Date.now() + 500 }), soon());
    await replicas.next().claim(kept.uri, { userId, claimMs: HOUR_MS }, soon());
    const { digest } = ownContent();
    await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: false }, soon());
    const after = await replicas.next().inventory.usage(ALL, soon());
    const expected: Usage = { mediaCount: 2, mediaBytes: 2000, pendingCount: 2, lapsedCount: 1, condemnedCount: 1, rows: [] };
    assert.deepEqual(subtract(after, before), expected);
    await replicas.next().removals.claim({ store: COMMON_STORE, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false }, soon());
    await replicas.next().removals.finish({ store: COMMON_STORE, digests: [digest] }, soon());
  });

  test('reserved ids are removed once they have lapsed for long enough, and nothing else', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const userId = someone();
    // Far from what other tests have left behind.
    const lapsing = reservationOf(userId, { unusedExpiresAt: now + 10 * HOUR_MS });
    const lapsed = [await store.reserve(lapsing, soon()), await store.reserve(lapsing, soon()), await store.reserve(lapsing, soon())];
    const claimed = await store.reserve(lapsing, soon());
    await store.claim(claimed.uri, { userId, claimMs: 20 * HOUR_MS }, soon());
    const pending = await store.reserve(reservationOf(userId, { unusedExpiresAt: now + 20 * HOUR_MS }), soon());
    const committed = await store.reserve(lapsing, soon());
    const media = await store.commit(committed.uri, { userId, content: ownContent() }, soon());
    now += 11 * HOUR_MS;
    while (await store.inventory.expirePending({ lapsedBefore: now - 2 * HOUR_MS, limit: 1000, isDryRun: false }, soon()) > 0);
    const uris = [...lapsed, claimed, pending, media].map(({ uri }) => uri);
    const expiry = { lapsedBefore: now + HOUR_MS, limit: 2, isDryRun: false };
    assert.ok((await store.find(uris, soon())).every((record) => record !== undefined));
    assert.equal(await store.inventory.expirePending({ ...expiry, isDryRun: true }, soon()), 2);
    assert.ok((await store.find(uris, soon())).every((record) => record !== undefined));
    assert.equal(await store.inventory.expirePending(expiry, soon()), 2);
    assert.equal(await store.inventory.expirePending(expiry, soon()), 1);
    assert.equal(await store.inventory.expirePending(expiry, soon()), 0);
    const states = (await store.find(uris, soon())).map((record) => record?.state);
    assert.deepEqual(states, [undefined, undefined, undefined, 'pending', 'pending', 'available']);
  });
}

async function readReferences(store: MetadataStore, limit: number): Promise<Reference[]> {
  const all: Reference[] = [];
  for (;;) {
    const page = await store.inventory.references({ store: COMMON_STORE, after: all.at(-1)?.digest ?? '', limit }, soon());
    if (page.length === 0) return all;
    assert.ok(page.length <= limit);
    all.push(...page);
  }
}

function subtract(after: Usage, before: Usage): Usage {
  return {
    mediaCount: after.mediaCount - before.mediaCount,
    mediaBytes: after.mediaBytes - before.mediaBytes,
    pendingCount: after.pendingCount - before.pendingCount,
    lapsedCount: after.lapsedCount - before.lapsedCount,
    condemnedCount: after.condemnedCount - before.condemnedCount,
    rows: [],
  };
}
