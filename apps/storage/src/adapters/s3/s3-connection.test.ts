import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { originalKey } from '@medley/domain/blob-key';
import { eventually } from '@medley/testing/eventually';
import { acquireS3, type S3 } from '@medley/tool-real-services/s3';
import { describeRealService } from '@medley/tool-real-services/skip';
import { chunksOf, NEVER, UNLIMITED } from '../../ports/blob-store.fixture.ts';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { newBucket, PART_BYTES, removeBucket } from './bucket.fixture.ts';
import { openS3BlobStore } from './s3-blob-store.ts';
import { S3Connection, type S3Options } from './s3-connection.ts';

/** Two stores over one connection, in two buckets. */
async function openTwo(s3: S3, changes: Partial<S3Options>) {
  const [options, { bucket: otherBucket }] = [newBucket(s3), newBucket(s3)];
  await using opened = new AsyncDisposableStack();
  for (const bucket of [options.bucket, otherBucket]) opened.defer(() => removeBucket(options.client, bucket));
  const connection = opened.use(new S3Connection({ ...options, ...changes }));
  const openIn = (bucket: string) => opened.use(openS3BlobStore(connection, { bucket, prefix: 'x/' }, ...quietTools()));
  const [one, other] = [openIn(options.bucket), openIn(otherBucket)];
  for (const store of [one, other]) await eventually(() => store.check(NEVER));
  const resources = opened.move();
  return { connection, one, other, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

await describeRealService('stores on one server', acquireS3, (s3) => {
  test('share the memory of uploads: who trickles into one gives way to who waits for another', { timeout: 60_000 }, async () => {
    await using stores = await openTwo(s3, { uploadMemoryBytes: PART_BYTES, uploadWaitMs: 5000 });
    const { connection, one, other } = stores;
    async function* trickle(): AsyncGenerator<Uint8Array> {
      yield randomBytes(65 * 1024);
      await new Promise(() => {});
    }
    const trickled = assert.rejects(one.put(trickle(), UNLIMITED, NEVER), { reason: 'BUSY' });
    await eventually(() => assert.equal(connection.memory.freeBytes, 0));
    await other.put(chunksOf(randomBytes(PART_BYTES)), UNLIMITED, NEVER);
    await trickled;
  });

  test('have URLs for strangers each into its own bucket', async () => {
    const publicEndpoint = s3.endpoint.replace('127.0.0.1', 'localhost');
    await using stores = await openTwo(s3, { publicEndpoint });
    const bytes = randomBytes(100);
    const key = originalKey((await stores.other.put(chunksOf(bytes), UNLIMITED, NEVER)).digest);
    const ask = async (store: typeof stores.one) => {
      const response = await fetch((await store.locatePublic(key, { contentType: 'text/plain', disposition: 'inline' }, 60_000)) ?? '');
      return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
    };
    assert.ok((await ask(stores.other)).body.equals(bytes));
    assert.equal((await ask(stores.one)).status, 404);
  });
});
