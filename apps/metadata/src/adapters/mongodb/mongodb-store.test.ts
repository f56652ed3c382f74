import { randomUUID } from 'node:crypto';
import { after, describe } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { acquireMongoDb } from '@medley/tool-real-services/mongodb';
import { describeRealService } from '@medley/tool-real-services/skip';
import { MongoClient } from 'mongodb';
import { describeMetadataStore } from '../../ports/metadata-store.contract.ts';
import { openMongoDbStore } from './mongodb-store.ts';

await describeRealService('metadata store on MongoDB', acquireMongoDb, ({ uri }) => {
  // A suite of its own, so that its database is dropped while the server is still there.
  describe('in a database of its own', () => {
    const database = `medley_test_${randomUUID()}`;
    after(async () => {
      await using client = new MongoClient(uri);
      await client.db(database).dropDatabase();
    });

    describeMetadataStore('as every store', async (options) => {
      const store = openMongoDbStore({ uri, database }, quietTelemetry().log, options);
      await eventually(() => store.check(AbortSignal.timeout(5000)));
      return store;
    });
  });
});
