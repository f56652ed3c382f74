import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { acquireMongoDb } from '@medley/tool-real-services/mongodb';
import { describeRealService } from '@medley/tool-real-services/skip';
import { MongoClient } from 'mongodb';
import { mediaSubject, type NewAct } from '../../domain/acts.ts';
import type { AvailableMedia } from '../../domain/media-record.ts';
import type { MetadataStore } from '../../ports/metadata-store.ts';
import { HOUR_MS, ownUpload, soon } from '../../ports/samples.contract.ts';
import { MongoDbActs } from './mongodb-acts.ts';
import { openMongoDbStore } from './mongodb-store.ts';
import { MongoDbTrash } from './mongodb-trash.ts';
import { MongoDbSession } from './session.ts';
import { toTrashEntry } from './trash-documents.ts';

const EXPIRY = { limit: 100, isDryRun: false, by: 'expire' };

/** Stops before it tells what it has decided, until it is released. */
class HeldActs extends MongoDbActs {
  readonly #reached = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  override async append(acts: readonly NewAct[]): Promise<void> {
    this.#reached.resolve();
    await this.#released.promise;
    await super.append(acts);
  }
}

await describeRealService('the trash, interleaved on purpose on MongoDB', acquireMongoDb, ({ uri: serverUri }) => {
  describe('in a database of its own', () => {
    const database = `medley_test_${randomUUID()}`;
    const client = new MongoClient(serverUri);
    const session = new MongoDbSession(client.db(database), Date.now);
    const later = new MongoDbSession(client.db(database), () => Date.now() + 2 * HOUR_MS);
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

    const trash = async (): Promise<AvailableMedia> => {
      const media = await store.record(ownUpload(), soon());
      await store.acts.delete({ uris: [media.uri], by: 'test', trashMs: HOUR_MS }, soon());
      return media;
    };
    const countDocuments = ({ content: { digest } }: AvailableMedia) => session.media.countDocuments({ digest });

    test('media that is restored after its purge was decided, and before it is told, stays', async () => {
      const media = await trash();
      const acts = new HeldActs(later);
      const expiring = new MongoDbTrash(later, acts).expire(EXPIRY, soon());
      await acts.reached;
      assert.deepEqual(await store.trash.restore({ uris: [media.uri], by: 'test' }, soon()), [media.uri]);
      acts.release();
      assert.equal(await expiring, 0);
      assert.deepEqual(await store.find([media.uri], soon()), [media]);
      assert.equal(await countDocuments(media), 1);
    });

    test('a restoration that is told after the purge is not acknowledged', async () => {
      const media = await trash();
      const acts = new HeldActs(session);
      const restoring = new MongoDbTrash(session, acts).restore({ uris: [media.uri], by: 'test' }, soon());
      await acts.reached;
      assert.equal(await new MongoDbTrash(later, new MongoDbActs(later)).expire(EXPIRY, soon()), 1);
      acts.release();
      assert.deepEqual(await restoring, []);
      assert.deepEqual(await store.find([media.uri], soon()), [undefined]);
      assert.equal(await countDocuments(media), 0);
    });

    test('media that is restored while somebody decides to delete it for good stays, or is told to be gone', async () => {
      const media = await trash();
      const acts = new HeldActs(session);
      const deleting = acts.delete({ uris: [media.uri], by: 'test' }, soon());
      await acts.reached;
      assert.deepEqual(await store.trash.restore({ uris: [media.uri], by: 'test' }, soon()), [media.uri]);
      acts.release();
      assert.deepEqual(await deleting, []);
      assert.equal(await countDocuments(media), 1);
    });

    test('an entry whose act does not come is passed over, and goes when nobody can add it any more', async () => {
      const media = await store.record(ownUpload(), soon());
      const entry = toTrashEntry({ uri: media.uri, purgeAt: Date.now() + 1.5 * HOUR_MS });
      await session.trash.insertOne(entry);
      assert.deepEqual(await store.trash.list(undefined, 100, soon()), { media: [], next: undefined });
      const dayLater = new MongoDbSession(client.db(database), () => Date.now() + 24 * HOUR_MS);
      for (const [at, count] of [[later, 1], [dayLater, 0]] as const) {
        assert.equal(await new MongoDbTrash(at, new MongoDbActs(at)).expire(EXPIRY, soon()), 0);
        assert.equal(await session.trash.countDocuments({ _id: entry._id }), count);
      }
      assert.deepEqual(await store.find([media.uri], soon()), [media]);
    });

    test('a purge whose process died right after telling it is finished by whoever looks for references', async () => {
      const media = await trash();
      await new MongoDbActs(session).append([{ kind: 'purged', subject: mediaSubject(media.uri), by: 'test' }]);
      assert.equal(await countDocuments(media), 1);
      const { digest } = media.content;
      assert.deepEqual(await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: true }, soon()), [digest]);
      assert.equal(await countDocuments(media), 0);
    });
  });
});
