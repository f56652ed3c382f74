import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { acquireMongoDb } from '@medley/tool-real-services/mongodb';
import { describeRealService } from '@medley/tool-real-services/skip';
import { MongoClient, type Document } from 'mongodb';
import type { MetadataStore } from '../../ports/metadata-store.ts';
import { because, contentOf, HOUR_MS, ORIGIN, ownContent, ownUpload, soon } from '../../ports/samples.contract.ts';
import { openMongoDbStore } from './mongodb-store.ts';

const OWN_STORE = parseStoreName(ORIGIN);
const CLAIM = { waitMs: 0, claimMs: HOUR_MS, limit: 10, isDryRun: false };

await describeRealService('documents of when all had one store on MongoDB', acquireMongoDb, ({ uri }) => {
  describe('in a database of its own', () => {
    const database = `medley_test_${randomUUID()}`;
    const client = new MongoClient(uri);
    let store: MetadataStore;
    before(async () => {
      // As versions before made them; an upgrade must get along with both.
      await client.db(database).collection('media').createIndex({ digest: 1 }, { name: 'media_of_digest' });
      await client.db(database).collection('condemned').createIndex({ condemnedAt: 1 }, { name: 'condemned_in_order' });
      store = openMongoDbStore({ uri, database }, quietTelemetry().log);
      await eventually(() => store.check(soon()));
    });
    after(async () => {
      await store[Symbol.asyncDispose]();
      await client.db(database).dropDatabase();
      await client.close();
    });

    const insert = (collection: string, document: Document & { readonly _id: string | number }): Promise<unknown> =>
      client.db(database).collection<{ _id: string | number }>(collection).insertOne(document);

    test('a record lies in the common store, and so do its loss and its reference', async () => {
      const { digest } = ownContent();
      await insert('media', {
        _id: `${ORIGIN}/old`, origin: ORIGIN, mediaId: 'old', userId: `@a:${ORIGIN}`, createdAt: 1, kind: 'local', usedAt: 1, sizeBytes: 3,
        contentType: 'image/png', uploadName: '', digest, frozen: true, quarantinedBy: '', isProtected: false, isLost: true, isDeleted: false,
      });
      await insert('acts', { _id: 1, kind: 'lost', subject: digest, by: 'scrub', at: 2 });
      const [media] = await store.find([parseMxcParts(ORIGIN, 'old')], soon());
      assert.ok(media?.state === 'available');
      assert.deepEqual([media.content.store, media.lost], [COMMON_STORE, true]);
      const references = (name: typeof OWN_STORE) => store.inventory.references({ store: name, after: '', limit: 9 }, soon());
      assert.deepEqual(await references(COMMON_STORE), [{ digest, sizeBytes: 3, mediaCount: 1, lost: true }]);
      assert.deepEqual(await references(OWN_STORE), []);
      assert.deepEqual(await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: true }, soon()), []);
      assert.deepEqual(await store.removals.condemn({ store: OWN_STORE, blobs: [{ digest, storedAt: 1 }], isDryRun: true }, soon()), [digest]);
    });

    test('what waits for its removal, or is being removed, does so in the common store', async () => {
      const [waiting, doomed] = [ownContent().digest, ownContent().digest];
      for (const digest of [waiting, doomed]) await insert('condemned', { _id: digest, id: `of ${digest}`, storedAt: 5, condemnedAt: 6 });
      await insert('verdicts', { _id: `of ${doomed}/0`, condemnation: `of ${doomed}`, digest: doomed, verdict: 'doomed', at: Date.now() });
      assert.deepEqual((await store.removals.claim({ ...CLAIM, store: OWN_STORE }, soon())).removals, []);
      assert.deepEqual((await store.removals.claim({ ...CLAIM, store: COMMON_STORE }, soon())).removals, [{ digest: waiting, storedAt: 5 }]);
      const content = { ...contentOf('a'), digest: doomed };
      await assert.rejects(store.record(ownUpload(content), soon()), because('SERVICE_UNAVAILABLE'));
      await store.record(ownUpload({ ...content, store: OWN_STORE }), soon());
      await store.removals.finish({ store: COMMON_STORE, digests: [doomed] }, soon());
      await store.record(ownUpload(content), soon());
    });

    test('what is written of the common store is written as before', async () => {
      const { content: { digest } } = await store.record(ownUpload(), soon());
      const { digest: unused } = ownContent();
      await store.removals.condemn({ store: COMMON_STORE, blobs: [{ digest: unused, storedAt: 1 }], isDryRun: false }, soon());
      const [media] = await client.db(database).collection('media').find({ digest }).toArray();
      const [mark] = await client.db(database).collection<{ _id: string }>('condemned').find({ _id: unused }).toArray();
      assert.ok(media !== undefined && mark !== undefined);
      assert.deepEqual([media, mark].map((document) => 'store' in document), [false, false]);
    });
  });
});
