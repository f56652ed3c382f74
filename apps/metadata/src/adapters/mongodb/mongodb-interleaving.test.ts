import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { Digest } from '@medley/domain/digest';
import { mintMediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { ArmedPoint, ARMING_FOLDER_VARIABLE, FAULTS_CONDITION } from '@medley/fault-points/arming';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { quietTelemetry } from '@medley/testing/telemetry';
import { acquireMongoDb } from '@medley/tool-real-services/mongodb';
import { describeRealService } from '@medley/tool-real-services/skip';
import { MongoClient } from 'mongodb';
import { mediaSubject } from '../../domain/acts.ts';
import { toAvailableMedia } from '../../domain/media-record.ts';
import type { MetadataStore } from '../../ports/metadata-store.ts';
import { requireAllTold } from '../../ports/moderation.contract.ts';
import { HOUR_MS, ORIGIN, ownContent, ownUpload, reservationOf, someone, soon } from '../../ports/samples.contract.ts';
import { fromAvailable, toVerdict } from './documents.ts';
import { MongoDbActs } from './mongodb-acts.ts';
import { MongoDbLeases } from './mongodb-leases.ts';
import { MongoDbRemovals } from './mongodb-removals.ts';
import { openMongoDbStore } from './mongodb-store.ts';
import { MongoDbSession } from './session.ts';

const CLAIM = { store: COMMON_STORE, waitMs: 0, claimMs: HOUR_MS, limit: 1000, isDryRun: false };
const FIXTURE = join(import.meta.dirname, 'attempt.fixture.ts');

await describeRealService('interleaved on purpose on MongoDB', acquireMongoDb, ({ uri: serverUri }) => {
  describe('in a database of its own', () => {
    const database = `medley_test_${randomUUID()}`;
    const client = new MongoClient(serverUri);
    const session = new MongoDbSession(client.db(database), Date.now);
    const removals = new MongoDbRemovals(session, new MongoDbActs(session));
    let store: MetadataStore;
    before(async () => {
      store = openMongoDbStore({ uri: serverUri, database }, quietTelemetry().log);
      await eventually(() => store.check(soon()));
    });
    after(async () => {
      await store[Symbol.asyncDispose]();
      await client.db(database).dropDatabase();
      await client.close();
    });

    const condemn = (digest: Digest) => store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: false }, soon());
    /** The first half of an upload. */
    const insertRecord = async (content = ownContent()) => {
      const [uri, userId] = [(await store.reserve(reservationOf(someone()), soon())).uri, someone()];
      await session.media.insertOne(fromAvailable(toAvailableMedia({ uri, userId, createdAt: Date.now() }, content)));
      return content.digest;
    };
    /** Does something in a process of its own, whose fault points can be armed in `folder`. */
    const attempt = async (folder: string, what: 'commit' | 'delete', { uri, userId }: { uri: MxcUri; userId: string }, digest: string) => {
      const args = [FAULTS_CONDITION, FIXTURE, serverUri, database, what, uri.mediaId, userId, digest];
      const child = spawn(process.execPath, args, { env: { ...process.env, [ARMING_FOLDER_VARIABLE]: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
      return text(child.stdout);
    };

    test('a sweep that comes between an upload’s record and its look at the mark spares the bytes', async () => {
      const content = ownContent();
      await condemn(content.digest);
      await insertRecord(content);
      assert.deepEqual(await store.removals.claim(CLAIM, soon()), { removals: [], sparedCount: 1 });
      assert.equal(await removals.spare(content), true);
    });

    test('an upload that looks after the bytes were doomed must take its record back', async () => {
      const content = ownContent();
      await condemn(content.digest);
      assert.equal((await store.removals.claim(CLAIM, soon())).removals.length, 1);
      await insertRecord(content);
      assert.equal(await removals.spare(content), false);
      await store.removals.finish({ store: COMMON_STORE, digests: [content.digest] }, soon());
      assert.equal(await removals.spare(content), true);
    });

    test('an upload that has decided first wins, even if its record is gone again when the sweep looks', async () => {
      const { digest } = ownContent();
      await condemn(digest);
      assert.equal(await removals.spare({ store: COMMON_STORE, digest }), true);
      assert.deepEqual(await store.removals.claim(CLAIM, soon()), { removals: [], sparedCount: 1 });
    });

    test('bytes whose record is inserted, but not yet looked after, are not condemned', async () => {
      await using folder = await makeTempDir();
      const content = ownContent();
      const pending = await store.reserve(reservationOf(someone()), soon());
      const point = await ArmedPoint.arm(folder.path, 'metadata.commit.inserted', 'pause');
      const committed = attempt(folder.path, 'commit', pending, content.digest);
      await eventually(() => assert.ok(point.isReached));
      assert.deepEqual(await condemn(content.digest), []);
      await point.release();
      assert.equal(await committed, 'ok');
    });

    test('a commit whose bytes were doomed before its record was there takes it back, and the media id stays pending', async () => {
      await using folder = await makeTempDir();
      const { digest } = ownContent();
      const pending = await store.reserve(reservationOf(someone()), soon());
      const point = await ArmedPoint.arm(folder.path, 'metadata.commit.inserted', 'pause');
      const committed = attempt(folder.path, 'commit', pending, digest);
      await eventually(() => assert.ok(point.isReached));
      // A sweep that has looked for records a moment before this one was inserted.
      const mark = { _id: digest, id: randomUUID(), storedAt: 1, condemnedAt: Date.now() };
      await session.condemned.insertOne(mark);
      await session.verdicts.insertOne(toVerdict(mark, 0, { verdict: 'doomed', at: Date.now() }));
      await point.release();
      assert.equal(await committed, 'SERVICE_UNAVAILABLE');
      assert.deepEqual(await store.find([pending.uri], soon()), [pending]);
      await store.removals.finish({ store: COMMON_STORE, digests: [digest] }, soon());
    });

    test('media deleted between a commit’s record and its look at the log is gone, and so is the record', async () => {
      await using folder = await makeTempDir();
      const content = ownContent();
      const pending = await store.reserve(reservationOf(someone()), soon());
      const point = await ArmedPoint.arm(folder.path, 'metadata.commit.inserted', 'pause');
      const committed = attempt(folder.path, 'commit', pending, content.digest);
      await eventually(() => assert.ok(point.isReached));
      await store.acts.delete({ uris: [pending.uri], by: 'test' }, soon());
      await point.release();
      assert.equal(await committed, 'NOT_FOUND');
      assert.deepEqual(await store.find([pending.uri], soon()), [undefined]);
      assert.equal(await session.media.countDocuments({ digest: content.digest }), 0);
    });

    test('a deletion whose process died right after the decision holds, and its bytes can be swept', async () => {
      await using folder = await makeTempDir();
      const media = await store.record(ownUpload(), soon());
      await ArmedPoint.arm(folder.path, 'metadata.delete.decided', 'kill');
      assert.equal(await attempt(folder.path, 'delete', media, ''), '');
      assert.equal(await session.media.countDocuments({ digest: media.content.digest }), 1);
      assert.deepEqual(await store.find([media.uri], soon()), [undefined]);
      assert.deepEqual(await condemn(media.content.digest), [media.content.digest]);
      assert.equal(await session.media.countDocuments({ digest: media.content.digest }), 0);
    });

    test('bytes with very many copies are told of each', async () => {
      const content = ownContent();
      const copies = Array.from({ length: 210 }, () => ({ uri: { origin: ORIGIN, mediaId: mintMediaId(Date.now()) }, userId: someone(), createdAt: 1 }));
      await session.media.insertMany(copies.map((creation) => fromAvailable(toAvailableMedia(creation, content))));
      await requireAllTold(store, content.digest, copies.length);
    });

    test('media whose deletion or purge was decided goes with the next look at references, but not what is in the trash', async () => {
      const [deleted, purged, trashed] = [await store.record(ownUpload(), soon()), await store.record(ownUpload(), soon()), await store.record(ownUpload(), soon())];
      await store.acts.delete({ uris: [purged.uri, trashed.uri], by: 'test', trashMs: HOUR_MS }, soon());
      await new MongoDbActs(session).append([
        { kind: 'deleted', subject: mediaSubject(deleted.uri), by: 'test' },
        { kind: 'purged', subject: mediaSubject(purged.uri), by: 'test' },
      ]);
      const digests = [deleted, purged, trashed].map(({ content }) => content.digest);
      const condemned = await store.removals.condemn({ store: COMMON_STORE, blobs: digests.map((digest) => ({ digest, storedAt: 1 })), isDryRun: true }, soon());
      assert.deepEqual(condemned, digests.slice(0, 2));
      assert.deepEqual(await store.trash.restore({ uris: [deleted.uri, purged.uri, trashed.uri], by: 'test' }, soon()), [trashed.uri]);
    });

    test('a lease whose old turns are gone is not taken by somebody who still counts from them', async () => {
      const [leases, name] = [new MongoDbLeases(session), randomUUID()];
      const wish = { name, holder: 'first', ttlMs: HOUR_MS };
      for (let turn = 1; turn <= 3; turn += 1) await leases.take(wish, soon());
      assert.deepEqual((await session.leases.find({ name }).toArray()).map(({ turn }) => turn), [3]);
      // What a process inserts that has seen turn 1, and stood still since.
      await session.leases.insertOne({ _id: `${name}/2`, name, turn: 2, holder: 'second', until: Date.now() + HOUR_MS });
      assert.equal((await leases.take({ ...wish, holder: 'second' }, soon())).isGranted, false);
      assert.equal((await leases.take(wish, soon())).isGranted, true);
    });

    test('verdicts are forgotten a day later, but never one on bytes that are still condemned', async () => {
      const [open, over] = [ownContent().digest, ownContent().digest];
      const yesterday = new MongoDbSession(client.db(database), () => Date.now() - 25 * HOUR_MS);
      const sweep = new MongoDbRemovals(yesterday, new MongoDbActs(yesterday));
      await sweep.condemn({ store: COMMON_STORE, blobs: [open, over].map((digest) => ({ digest, storedAt: 1 })), isDryRun: false }, soon());
      await sweep.claim(CLAIM, soon());
      await store.removals.finish({ store: COMMON_STORE, digests: [over] }, soon());
      await store.removals.claim({ ...CLAIM, waitMs: 100 * HOUR_MS }, soon());
      assert.equal(await session.verdicts.countDocuments({ digest: over }), 0);
      assert.equal(await session.verdicts.countDocuments({ digest: open }), 1);
      assert.equal(await removals.spare({ store: COMMON_STORE, digest: open }), false);
    });
  });
});
