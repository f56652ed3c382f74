import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { AvailableMedia } from '../domain/media-record.ts';
import type { Trashed } from '../domain/standing.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { HOUR_MS, ORIGIN, ownContent, ownUpload, reservationOf, rounds, someone, soon } from './samples.contract.ts';
import type { TrashPlace } from './trash.ts';

const BY = '@admin:example.org';
const EXPIRY = { limit: 1000, isDryRun: false, by: 'expire' };

/** What every store promises of the trash. */
export function testTrash(replicas: Replicas): void {
  test('deleted media waits in the trash, for every process: nobody sees it, and its bytes stay', async () => {
    const media = await replicas.next().record(ownUpload(), soon());
    assert.deepEqual(await trash(replicas, [media.uri], { reason: 'spam' }), [media.uri]);
    assert.deepEqual(await trash(replicas, [media.uri]), []);
    for (const store of replicas.all()) {
      assert.deepEqual(await store.find([media.uri], soon()), [undefined]);
      const [entry] = (await listTrash(store)).filter(({ record }) => isSame(record.uri, media.uri));
      assert.deepEqual([entry?.record, entry?.deletion.by, entry?.deletion.reason], [media, BY, 'spam']);
      assert.ok(Math.abs((entry?.purgeAt ?? 0) - HOUR_MS - Date.now()) < 60_000);
      assert.deepEqual(await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest: media.content.digest, storedAt: 1 }], isDryRun: false }, soon()), []);
      assert.equal((await store.inventory.references({ store: COMMON_STORE, after: media.content.digest.slice(0, -1), limit: 1 }, soon()))[0]?.mediaCount, 1);
    }
  });

  test('what is restored is as it was, also after it was quarantined and deleted again', async () => {
    const content = ownContent();
    const media = await replicas.next().record(ownUpload(content), soon());
    const unknown = { origin: ORIGIN, mediaId: mintMediaId(0) };
    for (let again = 0; again < 2; again += 1) {
      await trash(replicas, [media.uri]);
      assert.deepEqual(await restore(replicas, [unknown, media.uri]), [media.uri]);
      assert.deepEqual(await restore(replicas, [media.uri]), []);
      for (const store of replicas.all()) assert.deepEqual(await store.find([media.uri], soon()), [media]);
      assert.deepEqual((await listTrash(replicas.next())).filter(({ record }) => isSame(record.uri, media.uri)), []);
    }
    await trash(replicas, [media.uri]);
    const before = await replicas.next().acts.position(soon());
    await replicas.next().acts.setQuarantine({ uris: [], digests: [content.digest], isQuarantined: true, by: BY }, soon());
    assert.deepEqual(await restore(replicas, [media.uri]), [media.uri]);
    assert.equal((await replicas.next().find([media.uri], soon()))[0]?.quarantine?.by, BY);
    const acts = await replicas.next().acts.after(before, 10, soon());
    assert.deepEqual(acts.map(({ kind, subject }) => `${kind} ${subject.kind}`), ['quarantined digest', 'restored media', 'quarantined media']);
  });

  test('what was deleted without trash, or has no bytes, can not be restored', async () => {
    const userId = someone();
    const media = await replicas.next().record(ownUpload(), soon());
    const pending = await replicas.next().reserve(reservationOf(userId), soon());
    await replicas.next().acts.delete({ uris: [media.uri], by: BY }, soon());
    assert.deepEqual(await trash(replicas, [pending.uri]), [pending.uri]);
    assert.deepEqual(await restore(replicas, [media.uri, pending.uri]), []);
    assert.deepEqual(await replicas.next().find([media.uri, pending.uri], soon()), [undefined, undefined]);
  });

  test('deleting without trash what is in it purges it', async () => {
    const media = await replicas.next().record(ownUpload(), soon());
    await trash(replicas, [media.uri]);
    const before = await replicas.next().acts.position(soon());
    assert.deepEqual(await replicas.next().acts.delete({ uris: [media.uri], by: BY }, soon()), [media.uri]);
    assert.deepEqual((await replicas.next().acts.after(before, 10, soon())).map(({ kind }) => kind), ['purged']);
    assert.deepEqual(await restore(replicas, [media.uri]), []);
    assert.deepEqual(await replicas.next().acts.delete({ uris: [media.uri], by: BY }, soon()), []);
    const { digest } = media.content;
    assert.deepEqual(await replicas.next().removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: true }, soon()), [digest]);
  });
}

/** What every store promises of emptying the trash. */
export function testEmptying(open: OpenStore): void {
  test('media leaves the trash when its time is over, in that order, and no sooner', async () => {
    let now = Date.now() + 1000 * HOUR_MS;
    await using store = await open({ now: () => now });
    while (await store.trash.expire(EXPIRY, soon()) > 0);
    const media = await Promise.all([3, 1, 2, 9].map(async (hours) => {
      const record = await store.record(ownUpload(), soon());
      await store.acts.delete({ uris: [record.uri], by: BY, trashMs: hours * HOUR_MS }, soon());
      return record;
    }));
    const [third, first, second, kept] = media.map(({ uri }) => toMxcText(uri));
    for (const limit of [1, 2, 1000]) {
      assert.deepEqual((await listTrash(store, limit)).map(({ record }) => toMxcText(record.uri)), [first, second, third, kept]);
    }
    now += 4 * HOUR_MS;
    assert.equal(await store.trash.expire({ ...EXPIRY, limit: 2, isDryRun: true }, soon()), 2);
    assert.equal(await store.trash.expire({ ...EXPIRY, limit: 2 }, soon()), 2);
    assert.deepEqual((await listTrash(store)).map(({ record }) => toMxcText(record.uri)), [third, kept]);
    assert.equal(await store.trash.expire(EXPIRY, soon()), 1);
    assert.equal(await store.trash.expire(EXPIRY, soon()), 0);
    const uris = media.map(({ uri }) => uri);
    assert.deepEqual(await store.trash.restore({ uris, by: BY }, soon()), [uris[3]]);
    const blobs = media.map(({ content: { digest } }) => ({ digest, storedAt: 1 }));
    assert.deepEqual((await store.removals.condemn({ store: COMMON_STORE, blobs, isDryRun: true }, soon())).length, 3);
  });

  test('an entry whose media was restored is passed over, whatever its time, and does not keep the rest', async () => {
    let now = Date.now() + 2000 * HOUR_MS;
    await using store = await open({ now: () => now });
    while (await store.trash.expire(EXPIRY, soon()) > 0);
    const [restored, again, gone] = [await store.record(ownUpload(), soon()), await store.record(ownUpload(), soon()), await store.record(ownUpload(), soon())];
    await store.acts.delete({ uris: [restored.uri, again.uri], by: BY, trashMs: HOUR_MS }, soon());
    await store.trash.restore({ uris: [restored.uri, again.uri], by: BY }, soon());
    now += 1;
    await store.acts.delete({ uris: [again.uri], by: BY, trashMs: 5 * HOUR_MS }, soon());
    await store.acts.delete({ uris: [gone.uri], by: BY, trashMs: HOUR_MS }, soon());
    assert.equal((await listTrash(store, 1)).length, 2);
    now += 2 * HOUR_MS;
    assert.equal(await store.trash.expire({ ...EXPIRY, limit: 1 }, soon()), 1);
    assert.equal(await store.trash.expire(EXPIRY, soon()), 0);
    const uris = [restored.uri, again.uri, gone.uri];
    assert.deepEqual(await store.find(uris, soon()), [restored, undefined, undefined]);
    assert.deepEqual(await store.trash.restore({ uris, by: BY }, soon()), [again.uri]);
  });
}

/** What must hold of the trash when several act at once. */
export function testTrashRaces(replicas: Replicas, open: OpenStore): void {
  test('of a restoration and whoever empties the trash, the one that is acknowledged wins', async () => {
    await using late = await open({ now: () => Date.now() + HOUR_MS });
    for (const round of rounds()) {
      const media = await replicas.next().record(ownUpload(), soon());
      await replicas.next().acts.delete({ uris: [media.uri], by: BY, trashMs: 60_000 }, soon());
      const steps = [() => restore(replicas, [media.uri]), () => late.trash.expire(EXPIRY, soon())];
      if (round % 2 === 0) steps.reverse();
      const outcomes = await Promise.all(steps.map((step) => step()));
      await requireOutcome(replicas, media, outcomes.some((outcome) => typeof outcome === 'object' && outcome.length > 0));
    }
  });

  test('of a restoration and a deletion for good at once, media that is there has its record, and media that is not has none', async () => {
    for (const _round of rounds()) {
      const media = await replicas.next().record(ownUpload(), soon());
      await trash(replicas, [media.uri]);
      const [, deleted] = await Promise.all([restore(replicas, [media.uri]), replicas.next().acts.delete({ uris: [media.uri], by: BY }, soon())]);
      await requireOutcome(replicas, media, deleted.length === 0);
    }
  });

  test('media that several put into the trash at once is there, and can be restored', async () => {
    for (const _round of rounds({ least: 5, most: 20, withinMs: 2000 })) {
      const media = await replicas.next().record(ownUpload(), soon());
      await Promise.all([trash(replicas, [media.uri]), trash(replicas, [media.uri])]);
      assert.deepEqual(await replicas.next().find([media.uri], soon()), [undefined]);
      assert.deepEqual(await restore(replicas, [media.uri]), [media.uri]);
      assert.deepEqual(await replicas.next().find([media.uri], soon()), [media]);
    }
  });
}

/** Whether it is there or not, its bytes are kept accordingly. */
async function requireOutcome(replicas: Replicas, media: AvailableMedia, isThere: boolean): Promise<void> {
  const { digest } = media.content;
  for (const store of replicas.all()) {
    assert.deepEqual(await store.find([media.uri], soon()), [isThere ? media : undefined]);
    assert.deepEqual(await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: true }, soon()), isThere ? [] : [digest]);
  }
}

function trash(replicas: Replicas, uris: readonly MxcUri[], { reason }: { readonly reason?: string } = {}): Promise<readonly MxcUri[]> {
  return replicas.next().acts.delete({ uris, by: BY, reason, trashMs: HOUR_MS }, soon());
}

function restore(replicas: Replicas, uris: readonly MxcUri[]): Promise<readonly MxcUri[]> {
  return replicas.next().trash.restore({ uris, by: BY }, soon());
}

async function listTrash(store: MetadataStore, limit = 1000): Promise<Trashed[]> {
  const all: Trashed[] = [];
  for (let after: TrashPlace | undefined; ;) {
    const page = await store.trash.list(after, limit, soon());
    all.push(...page.media);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

function isSame(first: MxcUri, second: MxcUri): boolean {
  return toMxcText(first) === toMxcText(second);
}
