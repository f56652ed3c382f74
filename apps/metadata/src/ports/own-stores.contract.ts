import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMON_STORE, parseStoreName, type StoreName } from '@medley/domain/store-name';
import { blobSubject, digestSubject, mediaSubject } from '../domain/acts.ts';
import type { AvailableMedia, MediaContent } from '../domain/media-record.ts';
import type { Replicas } from './metadata-store.contract.ts';
import type { ClaimedRemovals } from './removals.ts';
import { because, HOUR_MS, ORIGIN, ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';

const OWN_STORE = parseStoreName(ORIGIN);
const BY = '@admin:example.org';

/** What every store promises of the same bytes in two stores. */
export function testOwnStores(replicas: Replicas): void {
  test('media is answered with its store, recorded or committed, and out of the trash as well', async () => {
    const [userId, content] = [someone(), { ...ownContent(), store: OWN_STORE }];
    const reserved = await replicas.next().reserve(reservationOf(userId), soon());
    const media = [await record(replicas, content), await replicas.next().commit(reserved.uri, { userId, content }, soon())];
    const uris = media.map(({ uri }) => uri);
    assert.deepEqual(media.map((one) => one.content), [content, content]);
    await replicas.next().acts.delete({ uris, by: BY, trashMs: HOUR_MS }, soon());
    await replicas.next().trash.restore({ uris, by: BY }, soon());
    for (const store of replicas.all()) assert.deepEqual(await store.find(uris, soon()), media);
    const { records } = await replicas.next().catalog.list({ filter: { digest: content.digest }, ordering: { order: 'created', isDescending: false }, limit: 5 }, soon());
    assert.deepEqual(records.map((one) => one.state === 'available' && one.content.store), [OWN_STORE, OWN_STORE]);
  });

  test('references are those of one store, page by page', async () => {
    const [shared, own] = twins();
    for (const content of [shared, own, own]) await record(replicas, content);
    const others = [{ ...ownContent(), store: OWN_STORE }, { ...ownContent(), store: OWN_STORE }];
    for (const content of others) await record(replicas, content);
    assert.equal(await countReferences(replicas, shared), 1);
    assert.equal(await countReferences(replicas, own), 2);
    for (const content of others) assert.deepEqual([await countReferences(replicas, content), await countReferences(replicas, { ...content, store: COMMON_STORE })], [1, undefined]);
    const whole = await replicas.next().inventory.references({ store: OWN_STORE, after: '', limit: 1000 }, soon());
    const [first, second] = whole;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(await replicas.next().inventory.references({ store: OWN_STORE, after: first.digest, limit: 1 }, soon()), [second]);
  });

  test('bytes that only one store’s media names are condemned in the other', async () => {
    for (const [named, other] of [twins(), twins().toReversed()]) {
      assert.ok(named !== undefined && other !== undefined);
      await record(replicas, named);
      assert.equal(await condemn(replicas, named), false);
      assert.equal(await condemn(replicas, other), true);
      await removeWhole(replicas, other);
    }
  });

  test('a claim hands out what is condemned in its store alone, and its end ends nothing in the other', async () => {
    const [shared, own] = twins();
    const before = (await replicas.next().inventory.usage({ filter: {}, limit: 1 }, soon())).condemnedCount;
    for (const content of [shared, own]) await condemn(replicas, content, content.store === COMMON_STORE ? 5 : 7);
    assert.equal((await replicas.next().inventory.usage({ filter: {}, limit: 1 }, soon())).condemnedCount, before + 2);
    assert.deepEqual((await claim(replicas, OWN_STORE)).removals, [{ digest: own.digest, storedAt: 7 }]);
    assert.deepEqual((await claim(replicas, COMMON_STORE)).removals, [{ digest: shared.digest, storedAt: 5 }]);
    await finish(replicas, shared);
    await record(replicas, shared);
    await assert.rejects(record(replicas, own), because('SERVICE_UNAVAILABLE'));
    await finish(replicas, own);
    await record(replicas, own);
  });

  test('an upload into one store lifts the condemnation there, not in the other', async () => {
    for (const [uploaded, other] of [twins(), twins().toReversed()]) {
      assert.ok(uploaded !== undefined && other !== undefined);
      for (const content of [uploaded, other]) await condemn(replicas, content);
      await record(replicas, uploaded);
      assert.deepEqual(await claim(replicas, uploaded.store), { removals: [], sparedCount: 1 });
      assert.deepEqual(await claim(replicas, other.store), { removals: [{ digest: other.digest, storedAt: 1 }], sparedCount: 0 });
      await finish(replicas, other);
    }
  });

  test('bytes are lost and found in one store, whoever says so, and the log tells in which', async () => {
    for (const [lost, other] of [twins(), twins().toReversed()]) {
      assert.ok(lost !== undefined && other !== undefined);
      const media = [await record(replicas, lost), await record(replicas, other)];
      const position = await replicas.next().acts.position(soon());
      await replicas.next().acts.markBlobs({ store: lost.store, digests: [lost.digest], isLost: true, by: BY }, soon());
      for (const isLost of [true, false]) await replicas.next().acts.markBlobs({ store: isLost ? lost.store : other.store, digests: [lost.digest], isLost, by: BY }, soon());
      assert.deepEqual(await lossOf(replicas, media), [true, false]);
      assert.equal((await record(replicas, other)).lost, false);
      assert.deepEqual(await lossOf(replicas, media), [true, false]);
      assert.equal((await record(replicas, lost)).lost, false);
      assert.deepEqual(await lossOf(replicas, media), [false, false]);
      const acts = await replicas.next().acts.after(position, 10, soon());
      assert.deepEqual(acts.map(({ kind, subject }) => [kind, subject]), [['lost', blobSubject(lost)], ['found', blobSubject(lost)]]);
    }
  });

  test('a ban of the bytes hides the media of all stores, and so does one of a media; each is told', async () => {
    for (const isByDigest of [true, false]) {
      const [shared, own] = twins();
      const media = [await record(replicas, shared), await record(replicas, own)];
      const uris = media.map(({ uri }) => uri);
      const position = await replicas.next().acts.position(soon());
      const named = isByDigest ? { uris: [], digests: [shared.digest] } : { uris: uris.slice(1), digests: [] };
      assert.equal(await replicas.next().acts.setQuarantine({ ...named, isQuarantined: true, by: BY }, soon()), 2);
      for (const store of replicas.all()) assert.deepEqual((await store.find(uris, soon())).map((one) => one?.quarantine?.by), [BY, BY]);
      assert.equal((await record(replicas, own)).quarantine?.by, BY);
      const told = (await replicas.next().acts.after(position, 3, soon())).map(({ subject }) => subject);
      for (const subject of [digestSubject(shared.digest), ...uris.map(mediaSubject)]) assert.ok(told.some((one) => JSON.stringify(one) === JSON.stringify(subject)));
      assert.equal(await replicas.next().acts.setQuarantine({ ...named, isQuarantined: false, by: BY }, soon()), 3);
      assert.deepEqual(await replicas.next().find(uris, soon()), media);
    }
  });
}

/** The same bytes in the common store and in another. */
function twins(): [MediaContent, MediaContent] {
  const content = ownContent();
  return [content, { ...content, store: OWN_STORE }];
}

function record(replicas: Replicas, content: MediaContent): Promise<AvailableMedia> {
  return replicas.next().record(ownUpload(content), soon());
}

/** Answers whether it was. */
async function condemn(replicas: Replicas, { store, digest }: MediaContent, storedAt = 1): Promise<boolean> {
  return (await replicas.next().removals.condemn({ store, blobs: [{ digest, storedAt }], isDryRun: false }, soon())).includes(digest);
}

function claim(replicas: Replicas, store: StoreName): Promise<ClaimedRemovals> {
  return replicas.next().removals.claim({ store, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false }, soon());
}

function finish(replicas: Replicas, { store, digest }: MediaContent): Promise<void> {
  return replicas.next().removals.finish({ store, digests: [digest] }, soon());
}

/** Leaves nothing condemned for the next test. */
async function removeWhole(replicas: Replicas, content: MediaContent): Promise<void> {
  await claim(replicas, content.store);
  await finish(replicas, content);
}

async function countReferences(replicas: Replicas, { store, digest }: MediaContent): Promise<number | undefined> {
  const all = await replicas.next().inventory.references({ store, after: digest.slice(0, -1), limit: 1000 }, soon());
  return all.find((reference) => reference.digest === digest)?.mediaCount;
}

/** What its record says, its place in the references, and whether it is found by that. */
async function lossOf(replicas: Replicas, media: readonly AvailableMedia[]): Promise<boolean[]> {
  return Promise.all(media.map(async ({ uri, content: { store, digest } }) => {
    const [found] = await replicas.next().find([uri], soon());
    const isLost = found?.state === 'available' && found.lost;
    const [reference] = await replicas.next().inventory.references({ store, after: digest.slice(0, -1), limit: 1 }, soon());
    const { records } = await replicas.next().catalog.list({ filter: { digest, isLost: true }, ordering: { order: 'created', isDescending: false }, limit: 9 }, soon());
    assert.equal(reference?.lost, isLost);
    assert.equal(records.some((one) => one.uri.mediaId === uri.mediaId), isLost);
    return isLost;
  }));
}
