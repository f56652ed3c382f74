import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { mintMediaId, parseMediaId } from '@medley/domain/media-id';
import { parseServerName } from '@medley/domain/server-name';
import { isLapsed, toAvailableMedia, toPendingMedia, type MediaRecord } from '../domain/media-record.ts';
import type { MetadataStore, StoreOptions } from './metadata-store.ts';
import { testActLog, testDeletion, testLoss, testQuarantine } from './acts.contract.ts';
import { testActRaces } from './act-races.contract.ts';
import { testCatalog, testStanding } from './catalog.contract.ts';
import { testInventory } from './inventory.contract.ts';
import { testJobs } from './jobs.contract.ts';
import { testLeases } from './leases.contract.ts';
import { testProtection, testReading, testTelling } from './moderation.contract.ts';
import { testOwnStores } from './own-stores.contract.ts';
import { testPreviewShelf } from './preview-shelf.contract.ts';
import { testQuotaRaces, testQuotas } from './quotas.contract.ts';
import { testRaces } from './races.contract.ts';
import { testRemoteMedia } from './remote-media.contract.ts';
import { testRemovalRaces } from './removal-races.contract.ts';
import { testRemovals } from './removals.contract.ts';
import { testRoomIndex } from './room-index.contract.ts';
import { testStatistics } from './statistics.contract.ts';
import { because, contentOf, HOUR_MS, ORIGIN, reservationOf, someone, soon } from './samples.contract.ts';
import { testEmptying, testTrash, testTrashRaces } from './trash.contract.ts';
import { testVerdicts } from './verdicts.contract.ts';

/** Opens one more store on the same data, as another process would. */
export type OpenStore = (options?: StoreOptions) => Promise<MetadataStore>;

/** Two stores on the same data. */
export interface Replicas {
  all(): readonly MetadataStore[];
  /** The two in turn, so that what one writes another reads. */
  next(): MetadataStore;
}

const UNKNOWN = { origin: ORIGIN, mediaId: parseMediaId('unknown') };

/** The suite that every metadata store passes. */
export function describeMetadataStore(name: string, open: OpenStore): void {
  describe(name, () => {
    let stores: readonly [MetadataStore, MetadataStore];
    let turn = 0;
    before(async () => {
      stores = [await open(), await open()];
    });
    after(async () => {
      for (const store of stores) await store[Symbol.asyncDispose]();
    });
    const replicas: Replicas = { all: () => stores, next: () => stores[turn++ % 2 === 0 ? 0 : 1] };

    describe('reserving', () => testReserving(replicas, open));
    describe('claiming', () => testClaiming(replicas, open));
    describe('committing', () => testCommitting(replicas, open));
    describe('recording and finding', () => testFinding(replicas, open));
    describe('racing', () => testRaces(replicas));
    describe('quarantining', () => testQuarantine(replicas));
    describe('deleting', () => testDeletion(replicas, open));
    describe('losing bytes', () => testLoss(replicas));
    describe('the log', () => testActLog(replicas));
    describe('removing bytes', () => testRemovals(replicas, open));
    describe('taking stock', () => testInventory(replicas, open));
    describe('other servers’ media', () => testRemoteMedia(replicas, open));
    describe('listing', () => testCatalog(replicas, open));
    describe('listing by standing', () => testStanding(replicas, open));
    describe('statistics', () => testStatistics(replicas, open));
    describe('previews of URLs', () => testPreviewShelf(replicas, open));
    describe('the room index', () => testRoomIndex(replicas, open));
    describe('telling of quarantines', () => testTelling(replicas));
    describe('protecting', () => testProtection(replicas));
    describe('reading the log', () => testReading(replicas));
    describe('the trash', () => testTrash(replicas));
    describe('emptying the trash', () => testEmptying(open));
    describe('leases', () => testLeases(replicas, open));
    describe('jobs', () => testJobs(replicas, open));
    describe('quotas', () => testQuotas(replicas, open));
    describe('racing for room within a quota', () => testQuotaRaces(replicas));
    describe('racing for what is in the trash', () => testTrashRaces(replicas, open));
    describe('verdicts of content scanners', () => testVerdicts(replicas, open));
    describe('racing deletions and bans', () => testActRaces(replicas));
    describe('stores of tenants', () => testOwnStores(replicas));
    describe('racing removals', () => testRemovalRaces(replicas));
  });
}

function testReserving(replicas: Replicas, open: OpenStore): void {
  test('a reserved media id is pending, for every process', async () => {
    const userId = someone();
    const reservation = reservationOf(userId);
    const record = await replicas.next().reserve(reservation, soon());
    const { uri, createdAt } = record;
    assert.deepEqual(record, toPendingMedia({ uri, userId, createdAt }, reservation.unusedExpiresAt));
    assert.ok(Math.abs(createdAt - Date.now()) < HOUR_MS);
    for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [record]);
  });

  test('the limit refuses one more and says when the first of the others expires', async () => {
    const userId = someone();
    const unusedExpiresAt = Date.now() + HOUR_MS;
    await replicas.next().reserve(reservationOf(userId, { maxPending: 2, unusedExpiresAt: unusedExpiresAt + HOUR_MS }), soon());
    await replicas.next().reserve(reservationOf(userId, { maxPending: 2, unusedExpiresAt }), soon());
    await assert.rejects(replicas.next().reserve(reservationOf(userId, { maxPending: 2 }), soon()), (error: unknown) => {
      assert.ok(error instanceof MediaError);
      assert.equal(error.reason, 'PENDING_LIMIT');
      assert.ok(Math.abs(HOUR_MS - (error.retryAfterMs ?? 0)) < 60_000, `told to wait ${error.retryAfterMs} ms`);
      return true;
    });
  });

  test('a limit of 0 is none, and other users do not count', async () => {
    const userId = someone();
    for (let count = 0; count < 7; count += 1) await replicas.next().reserve(reservationOf(userId), soon());
    await replicas.next().reserve(reservationOf(someone(), { maxPending: 1 }), soon());
  });

  test('expired and committed media ids do not count towards the limit', async () => {
    const userId = someone();
    await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt: Date.now() - 1 }), soon());
    const { uri } = await replicas.next().reserve(reservationOf(userId, { maxPending: 1 }), soon());
    await replicas.next().commit(uri, { userId, content: contentOf('a') }, soon());
    await replicas.next().reserve(reservationOf(userId, { maxPending: 1 }), soon());
  });

  test('a media id is never used twice, whatever is minted', async () => {
    const userId = someone();
    const ids = Array.from({ length: 4 }, () => mintMediaId(Date.now()));
    const [pending, committed, recorded, fresh] = ids;
    const minted = [pending, committed, recorded, ...ids, ...ids];
    await using store = await open({ mint: () => minted.shift() ?? assert.fail('minted too often') });
    const first = await store.reserve(reservationOf(userId), soon());
    const second = await store.reserve(reservationOf(userId), soon());
    await store.commit(second.uri, { userId, content: contentOf('a') }, soon());
    const third = await store.record({ origin: ORIGIN, userId, content: contentOf('b') }, soon());
    const fourth = await store.reserve(reservationOf(userId), soon());
    const used = [first, second, third, fourth].map((record) => record.uri.mediaId);
    assert.deepEqual(used, [pending, committed, recorded, fresh]);
    minted.splice(0, minted.length, ...ids, mintMediaId(Date.now()));
    const fifth = await store.record({ origin: ORIGIN, userId, content: contentOf('c') }, soon());
    assert.ok(!ids.includes(fifth.uri.mediaId));
  });
}

function testClaiming(replicas: Replicas, open: OpenStore): void {
  test('a claim is refused for an unknown or lapsed id, then for another user, then for an available one', async () => {
    const userId = someone();
    const claimAs = (who: string) => ({ userId: who, claimMs: HOUR_MS });
    await assert.rejects(replicas.next().claim(UNKNOWN, claimAs(userId), soon()), because('NOT_FOUND'));
    const lapsed = await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt: Date.now() - 1 }), soon());
    await assert.rejects(replicas.next().claim(lapsed.uri, claimAs(someone()), soon()), because('NOT_FOUND'));
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    await assert.rejects(replicas.next().claim(uri, claimAs(someone()), soon()), because('NOT_CREATOR'));
    await replicas.next().commit(uri, { userId, content: contentOf('a') }, soon());
    await assert.rejects(replicas.next().claim(uri, claimAs(someone()), soon()), because('NOT_CREATOR'));
    await assert.rejects(replicas.next().claim(uri, claimAs(userId), soon()), because('CANNOT_OVERWRITE'));
  });

  test('a claim keeps a media id alive past its expiry, and no longer', async () => {
    const userId = someone();
    let now = Date.now();
    await using store = await open({ now: () => now });
    const { uri } = await store.reserve(reservationOf(userId, { unusedExpiresAt: now + 1000 }), soon());
    await store.claim(uri, { userId, claimMs: 5000 }, soon());
    const [claimed] = await store.find([uri], soon());
    assert.equal(livesUntil(claimed), now + 5000);
    now += 4999;
    await store.claim(uri, { userId, claimMs: 100 }, soon());
    now += 100;
    await assert.rejects(store.claim(uri, { userId, claimMs: 5000 }, soon()), because('NOT_FOUND'));
  });

  test('abandoning ends one’s own claim only', async () => {
    const userId = someone();
    const expired = Date.now() + 1000;
    const { uri } = await replicas.next().reserve(reservationOf(userId, { unusedExpiresAt: expired }), soon());
    const first = await replicas.next().claim(uri, { userId, claimMs: HOUR_MS }, soon());
    const second = await replicas.next().claim(uri, { userId, claimMs: HOUR_MS }, soon());
    assert.notEqual(first, second);
    await replicas.next().abandon(uri, first, soon());
    assert.ok(livesUntil((await replicas.next().find([uri], soon()))[0]) > expired);
    await replicas.next().abandon(uri, second, soon());
    assert.equal(livesUntil((await replicas.next().find([uri], soon()))[0]), expired);
    await replicas.next().abandon(UNKNOWN, second, soon());
  });
}

function testCommitting(replicas: Replicas, open: OpenStore): void {
  test('a commit makes the media available for every process, with all it was given', async () => {
    const userId = someone();
    const { uri, createdAt } = await replicas.next().reserve(reservationOf(userId), soon());
    await replicas.next().claim(uri, { userId, claimMs: HOUR_MS }, soon());
    const content = contentOf('a');
    const media = await replicas.next().commit(uri, { userId, content }, soon());
    assert.deepEqual(media, toAvailableMedia({ uri, userId, createdAt }, content));
    for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [media]);
  });

  test('a second commit is refused and changes nothing', async () => {
    const userId = someone();
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    const media = await replicas.next().commit(uri, { userId, content: contentOf('a') }, soon());
    await assert.rejects(replicas.next().commit(uri, { userId, content: contentOf('b') }, soon()), because('CANNOT_OVERWRITE'));
    assert.deepEqual(await replicas.next().find([uri], soon()), [media]);
  });

  test('a commit of an unknown media id or by another user is refused', async () => {
    const userId = someone();
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    await assert.rejects(replicas.next().commit(uri, { userId: someone(), content: contentOf('a') }, soon()), because('NOT_CREATOR'));
    await assert.rejects(replicas.next().commit(UNKNOWN, { userId, content: contentOf('a') }, soon()), because('NOT_FOUND'));
    assert.equal((await replicas.next().find([uri], soon()))[0]?.state, 'pending');
  });

  test('an upload under way when its media id expires may finish', async () => {
    const userId = someone();
    let now = Date.now();
    await using store = await open({ now: () => now });
    const { uri } = await store.reserve(reservationOf(userId, { unusedExpiresAt: now + 1000 }), soon());
    await store.claim(uri, { userId, claimMs: 1500 }, soon());
    now += 2000;
    const [lapsed] = await store.find([uri], soon());
    assert.ok(lapsed !== undefined && isLapsed(lapsed, now));
    const media = await store.commit(uri, { userId, content: contentOf('a') }, soon());
    assert.deepEqual(await store.find([uri], soon()), [media]);
  });
}

function testFinding(replicas: Replicas, open: OpenStore): void {
  test('a recorded upload is available at once, under an id of its own', async () => {
    const userId = someone();
    const content = { ...contentOf('a'), uploadName: undefined, frozen: false, sizeBytes: 0 };
    const media = await replicas.next().record({ origin: ORIGIN, userId, content }, soon());
    const { uri, createdAt } = media;
    assert.deepEqual(media, toAvailableMedia({ uri, userId, createdAt }, content));
    for (const store of replicas.all()) assert.deepEqual(await store.find([uri], soon()), [media]);
  });

  test('finding answers every name at its place, also one asked twice, and none', async () => {
    const userId = someone();
    const pending = await replicas.next().reserve(reservationOf(userId), soon());
    const media = await replicas.next().record({ origin: ORIGIN, userId, content: contentOf('a') }, soon());
    const asked = [media.uri, UNKNOWN, pending.uri, media.uri];
    assert.deepEqual(await replicas.next().find(asked, soon()), [media, undefined, pending, media]);
    assert.deepEqual(await replicas.next().find([], soon()), []);
  });

  test('finding tells origins apart, and upper from lower case', async () => {
    const userId = someone();
    const { uri } = await replicas.next().record({ origin: ORIGIN, userId, content: contentOf('a') }, soon());
    const swapped = [...uri.mediaId].map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));
    const others = [{ ...uri, mediaId: parseMediaId(swapped.join('')) }, { ...uri, origin: parseServerName('Example.org') }];
    assert.deepEqual(await replicas.next().find(others, soon()), [undefined, undefined]);
  });

  test('what was answered is still there after closing and opening again', async () => {
    const userId = someone();
    const store = await open();
    const pending = await store.reserve(reservationOf(userId), soon());
    const media = await store.record({ origin: ORIGIN, userId, content: contentOf('a') }, soon());
    await store[Symbol.asyncDispose]();
    await using again = await open();
    assert.deepEqual(await again.find([pending.uri, media.uri], soon()), [pending, media]);
  });

  test('an aborted signal ends a call with its reason', async () => {
    const reason = new Error('enough');
    await assert.rejects(replicas.next().find([UNKNOWN], AbortSignal.abort(reason)), reason);
    const userId = someone();
    await assert.rejects(replicas.next().reserve(reservationOf(userId), AbortSignal.abort(reason)), reason);
  });

  test('the check passes while the store can be used', async () => {
    for (const store of replicas.all()) await store.check(soon());
  });
}

function livesUntil(record: MediaRecord | undefined): number {
  assert.ok(record?.state === 'pending');
  return Math.max(record.unusedExpiresAt, record.claimedUntil ?? 0);
}
