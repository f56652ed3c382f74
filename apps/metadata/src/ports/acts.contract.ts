import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId, type MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { digestSubject, mediaSubject, type ActKind, type Subject } from '../domain/acts.ts';
import type { MediaRecord } from '../domain/media-record.ts';
import type { QuarantineOrder } from './act-log.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import type { MetadataStore } from './metadata-store.ts';
import { because, ORIGIN, ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';

const BY = '@admin:example.org';

/** What every store promises of quarantine. */
export function testQuarantine(replicas: Replicas): void {
  test('quarantining a media hides it and its copies, those that come later too, for every process', async () => {
    const content = ownContent();
    const media = await replicas.next().record(ownUpload(content), soon());
    const copy = await replicas.next().record(ownUpload(content), soon());
    const other = await replicas.next().record(ownUpload(), soon());
    await hide(replicas, { uris: [media.uri] });
    const later = await replicas.next().record(ownUpload(content), soon());
    for (const store of replicas.all()) {
      const found = await store.find([media.uri, copy.uri, later.uri, other.uri], soon());
      assert.deepEqual(found.map((record) => record?.quarantine?.by), [BY, BY, BY, undefined]);
    }
    assert.equal(later.quarantine?.by, BY);
    assert.ok(Math.abs(later.quarantine.at - Date.now()) < 60_000);
  });

  test('a digest can be quarantined before anybody has its bytes, and outlives every record', async () => {
    const content = ownContent();
    await hide(replicas, { digests: [content.digest] });
    const media = await replicas.next().record(ownUpload(content), soon());
    assert.equal(media.quarantine?.by, BY);
    await replicas.next().acts.delete({ uris: [media.uri], by: BY }, soon());
    const userId = someone();
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    const again = await replicas.next().commit(uri, { userId, content }, soon());
    assert.equal(again.quarantine?.by, BY);
  });

  test('a release ends the quarantine of a media and its copies, and a later quarantine holds again', async () => {
    const content = ownContent();
    const media = await replicas.next().record(ownUpload(content), soon());
    const copy = await replicas.next().record(ownUpload(content), soon());
    await hide(replicas, { digests: [content.digest] });
    await hide(replicas, { uris: [media.uri], isQuarantined: false });
    assert.deepEqual(await replicas.next().find([media.uri, copy.uri], soon()), [media, copy]);
    await hide(replicas, { uris: [copy.uri] });
    assert.equal((await findOne(replicas.next(), media.uri))?.quarantine?.by, BY);
  });

  test('a media id can be quarantined while it is unknown or pending', async () => {
    const userId = someone();
    const pending = await replicas.next().reserve(reservationOf(userId), soon());
    await hide(replicas, { uris: [pending.uri, { origin: ORIGIN, mediaId: mintMediaId(0) }] });
    assert.equal((await findOne(replicas.next(), pending.uri))?.quarantine?.by, BY);
    const media = await replicas.next().commit(pending.uri, { userId, content: ownContent() }, soon());
    assert.equal(media.quarantine?.by, BY);
  });

  test('quarantining nothing does nothing', async () => {
    const before = await replicas.next().acts.position(soon());
    await hide(replicas, {});
    assert.equal(await replicas.next().acts.position(soon()), before);
  });
}

/** What every store promises of deletions. */
export function testDeletion(replicas: Replicas, open: OpenStore): void {
  test('deleted media is as if it had never been, for every process; its copies stay', async () => {
    const content = ownContent();
    const media = await replicas.next().record(ownUpload(content), soon());
    const copy = await replicas.next().record(ownUpload(content), soon());
    const unknown = { origin: ORIGIN, mediaId: mintMediaId(0) };
    assert.deepEqual(await remove(replicas, [unknown, media.uri]), [media.uri]);
    for (const store of replicas.all()) assert.deepEqual(await store.find([media.uri, copy.uri], soon()), [undefined, copy]);
    assert.deepEqual(await remove(replicas, [media.uri]), []);
  });

  test('a deleted reservation can be neither claimed nor committed, and counts no more', async () => {
    const userId = someone();
    const { uri } = await replicas.next().reserve(reservationOf(userId, { maxPending: 1 }), soon());
    assert.deepEqual(await remove(replicas, [uri]), [uri]);
    await assert.rejects(replicas.next().claim(uri, { userId, claimMs: 1000 }, soon()), because('NOT_FOUND'));
    await assert.rejects(replicas.next().commit(uri, { userId, content: ownContent() }, soon()), because('NOT_FOUND'));
    await replicas.next().reserve(reservationOf(userId, { maxPending: 1 }), soon());
  });

  test('the media id of something deleted is never used again', async () => {
    const ids: MediaId[] = Array.from({ length: 4 }, () => mintMediaId(Date.now()));
    const [pending, recorded, third, fourth] = ids;
    const minted = [pending, recorded];
    await using store = await open({ mint: () => minted.shift() ?? assert.fail('minted too often') });
    const first = await store.reserve(reservationOf(someone()), soon());
    const second = await store.record(ownUpload(), soon());
    await remove(replicas, [first.uri, second.uri]);
    minted.push(pending, recorded, third, recorded, pending, fourth);
    assert.equal((await store.reserve(reservationOf(someone()), soon())).uri.mediaId, third);
    assert.equal((await store.record(ownUpload(), soon())).uri.mediaId, fourth);
    assert.deepEqual(await store.find([first.uri, second.uri], soon()), [undefined, undefined]);
  });
}

/** What every store promises of lost bytes. */
export function testLoss(replicas: Replicas): void {
  test('media of lost bytes is told to be lost until they are found', async () => {
    const { uri, content: { digest } } = await replicas.next().record(ownUpload(), soon());
    await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: true, by: BY }, soon());
    for (const store of replicas.all()) assert.equal(isLost(await findOne(store, uri)), true);
    await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: false, by: BY }, soon());
    for (const store of replicas.all()) assert.equal(isLost(await findOne(store, uri)), false);
  });

  test('an upload of lost bytes, whole or to a reserved id, brings them back for everybody', async () => {
    const userId = someone();
    const content = ownContent();
    const { uri } = await replicas.next().record(ownUpload(content), soon());
    const upload = async () => {
      const reserved = await replicas.next().reserve(reservationOf(userId), soon());
      return replicas.next().commit(reserved.uri, { userId, content }, soon());
    };
    for (const again of [() => replicas.next().record(ownUpload(content), soon()), upload]) {
      await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [content.digest], isLost: true, by: BY }, soon());
      assert.equal(isLost(await findOne(replicas.next(), uri)), true);
      assert.equal(isLost(await again()), false);
      assert.equal(isLost(await findOne(replicas.next(), uri)), false);
    }
  });

  test('what is known already is not said again', async () => {
    const { digest } = ownContent();
    const before = await replicas.next().acts.position(soon());
    for (const isLost of [false, true, true, false, false]) await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost, by: BY }, soon());
    assert.deepEqual((await replicas.next().acts.after(before, 10, soon())).map(({ kind }) => kind), ['lost', 'found']);
  });
}

/** What every store promises of the log itself. */
export function testActLog(replicas: Replicas): void {
  test('every act is in the log, in order, with who, when and what', async () => {
    const before = await replicas.next().acts.position(soon());
    const { uri, content: { digest } } = await replicas.next().record(ownUpload(), soon());
    await hide(replicas, { uris: [uri] });
    await hide(replicas, { digests: [digest], isQuarantined: false });
    await replicas.next().acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: true, by: BY }, soon());
    await remove(replicas, [uri]);
    const expected: readonly (readonly [ActKind, Subject])[] = [
      ['quarantined', mediaSubject(uri)], ['quarantined', digestSubject(digest)],
      ['released', digestSubject(digest)], ['released', mediaSubject(uri)],
      ['lost', digestSubject(digest)], ['deleted', mediaSubject(uri)],
    ];
    for (const store of replicas.all()) {
      const acts = await store.acts.after(before, 100, soon());
      assert.ok(acts.every(({ at }) => Math.abs(at - Date.now()) < 60_000));
      assert.deepEqual(acts, expected.map(([kind, subject], index) => ({ sequence: before + index + 1, kind, subject, by: BY, at: acts[index]?.at })));
      assert.equal(await store.acts.position(soon()), before + expected.length);
    }
  });

  test('the log is read in pieces, and past its end there is nothing', async () => {
    const before = await replicas.next().acts.position(soon());
    const digests = [ownContent().digest, ownContent().digest, ownContent().digest];
    await hide(replicas, { digests });
    const sequencesAfter = async (sequence: number, limit: number) => (await replicas.next().acts.after(sequence, limit, soon())).map((act) => act.sequence - before);
    assert.deepEqual(await sequencesAfter(before, 2), [1, 2]);
    assert.deepEqual(await sequencesAfter(before + 2, 2), [3]);
    assert.deepEqual(await sequencesAfter(before + 3, 2), []);
  });
}

async function hide(replicas: Replicas, changes: Partial<QuarantineOrder>): Promise<void> {
  await replicas.next().acts.setQuarantine({ uris: [], digests: [], isQuarantined: true, by: BY, ...changes }, soon());
}

function remove(replicas: Replicas, uris: readonly MxcUri[]): Promise<readonly MxcUri[]> {
  return replicas.next().acts.delete({ uris, by: BY }, soon());
}

async function findOne(store: MetadataStore, uri: MxcUri): Promise<MediaRecord | undefined> {
  return (await store.find([uri], soon()))[0];
}

function isLost(record: MediaRecord | undefined): boolean {
  assert.ok(record?.state === 'available');
  return record.lost;
}
