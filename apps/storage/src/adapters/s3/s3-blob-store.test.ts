import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { originalKey, type BlobKey } from '@medley/domain/blob-key';
import { parseDigest, type Digest } from '@medley/domain/digest';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { acquireS3, startS3 } from '@medley/tool-real-services/s3';
import { describeRealService, realServiceOrSkip } from '@medley/tool-real-services/skip';
import { toBlobPath } from '../../blob-path.ts';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { blobLifeContract } from '../../ports/blob-life.contract.ts';
import { blobStoreContract } from '../../ports/blob-store.contract.ts';
import { leftoversIn, namesIn, newBucket, openStoreAlone, PART_BYTES, removeBucket } from './bucket.fixture.ts';

const NEVER = new AbortController().signal;
const UNLIMITED = { maxBytes: 2 ** 30 };

await describeRealService('blob store on S3', acquireS3, (s3) => {
  const open = async () => {
    const { client, ...options } = newBucket(s3);
    const { bucket } = options;
    const store = openStoreAlone(options, ...quietTools());
    await eventually(() => store.check(NEVER));
    return {
      store,
      partBytes: PART_BYTES,
      leftovers: () => leftoversIn(client, bucket),
      names: () => namesIn(client, bucket),
      damage: async (key: BlobKey, bytes: Uint8Array) => void (await client.putObject(bucket, toBlobPath(key), Buffer.from(bytes))),
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await removeBucket(client, bucket);
      },
    };
  };
  // Within a suite of its own, so that it cleans up before the server goes.
  void describe('as every store', () => {
    blobStoreContract(open);
    blobLifeContract(open);
  });
});

await describeRealService('blob store in a bucket', acquireS3, (s3) => {
  test('keeps blobs under its prefix, named by what they contain', async (t) => {
    const { client, ...options } = newBucket(s3);
    const { bucket } = options;
    t.after(() => removeBucket(client, bucket));
    await using store = openStoreAlone({ ...options, prefix: 'media/one/' }, ...quietTools());
    await eventually(() => store.check(NEVER));
    const { digest } = await store.put(once(randomBytes(10)), UNLIMITED, NEVER);
    assert.deepEqual(await namesIn(client, bucket), [`media/one/${toBlobPath(originalKey(digest))}`]);
    assert.deepEqual((await Array.fromAsync(store.list(undefined, NEVER))).map(({ key }) => key), [originalKey(digest)]);
    assert.deepEqual(await Array.fromAsync(store.list(originalKey(digest), NEVER)), []);
  });

  test('lists more blobs than S3 tells at once', { timeout: 60_000 }, async (t) => {
    const { client, ...options } = newBucket(s3);
    const { bucket } = options;
    t.after(() => removeBucket(client, bucket));
    await using store = openStoreAlone(options, ...quietTools());
    await eventually(() => store.check(NEVER));
    for (let hundred = 0; hundred < 11; hundred += 1) {
      await Promise.all(Array.from({ length: 100 }, () => store.put(once(randomBytes(16)), UNLIMITED, NEVER)));
    }
    const digests = (await Array.fromAsync(store.list(undefined, NEVER))).map(({ key }) => key.digest);
    assert.equal(digests.length, 1100);
    assert.deepEqual(digests, [...new Set(digests)].toSorted());
  });

  test('has URLs for strangers by the name that they know it by, which say what they are told', async (t) => {
    const { client, ...options } = newBucket(s3);
    const { bucket } = options;
    t.after(() => removeBucket(client, bucket));
    const publicEndpoint = options.endpoint.replace('127.0.0.1', 'localhost');
    await using store = openStoreAlone({ ...options, publicEndpoint }, ...quietTools());
    await eventually(() => store.check(NEVER));
    const bytes = randomBytes(100);
    const { digest } = await store.put(once(bytes), UNLIMITED, NEVER);
    const headers = { contentType: 'text/plain; charset="utf-8"', disposition: `attachment; filename="a b"; filename*=utf-8''%C3%A9%20%26%2B` };
    const url = String(await store.locatePublic(originalKey(digest), headers, 60_000));
    assert.ok(url.startsWith(`${publicEndpoint}/`), url);
    const answer = await fetch(url);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes));
    assert.deepEqual([answer.headers.get('content-type'), answer.headers.get('content-disposition')], Object.values(headers));
    assert.equal((await fetch(url.replace('attachment', 'inline'))).status, 403);
    assert.equal((await fetch(url, { method: 'PUT', body: 'other' })).status, 403);
  });

  test('has no URLs for strangers who can not reach it', async () => {
    const { client: _client, ...options } = newBucket(s3);
    await using store = openStoreAlone(options, ...quietTools());
    assert.equal(await store.locatePublic(originalKey(sha256Of('x')), { contentType: 'text/plain', disposition: 'inline' }, 1000), undefined);
  });

  test('is not available with keys that S3 refuses', async () => {
    const { client: _client, ...options } = newBucket(s3);
    await using store = openStoreAlone({ ...options, secretKey: 'not the secret' }, ...quietTools());
    await assert.rejects(store.put(once(randomBytes(10)), UNLIMITED, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  });

  test('lets S3 refuse bytes that changed on their way', async (t) => {
    const { client, ...options } = newBucket(s3);
    const { bucket } = options;
    t.after(() => removeBucket(client, bucket));
    await using store = openStoreAlone(options, ...quietTools());
    await eventually(() => store.check(NEVER));
    const url = await client.presignedPutObject(bucket, 'changed', 60);
    const md5 = createHash('md5').update('what was sent').digest('base64');
    const response = await fetch(url, { method: 'PUT', headers: { 'content-md5': md5 }, body: 'what arrived' });
    assert.equal(response.status, 400);
    assert.deepEqual(await namesIn(client, bucket), []);
  });
});

test('starts without S3, and makes its bucket as soon as S3 is there', async (t) => {
  const s3 = await realServiceOrSkip(t, startS3);
  if (s3 === undefined) return;
  await s3.stop();
  const { client: _client, ...options } = newBucket(s3);
  await using store = openStoreAlone(options, ...quietTools());
  await assert.rejects(store.check(NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(store.put(once(randomBytes(10)), UNLIMITED, NEVER), { reason: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  await s3.start();
  await eventually(() => store.put(once(randomBytes(10)), UNLIMITED, NEVER), 20_000);
});

test('fails a put that S3 leaves in the middle, stores nothing of it, and works again when S3 is back', async (t) => {
  const s3 = await realServiceOrSkip(t, startS3);
  if (s3 === undefined) return;
  const { client, ...options } = newBucket(s3);
  const { bucket } = options;
  await using store = openStoreAlone(options, ...quietTools());
  await eventually(() => store.check(NEVER));
  const bytes = randomBytes(3 * PART_BYTES);
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 2 * PART_BYTES);
    await eventually(async () => assert.notDeepEqual(await leftoversIn(client, bucket), []));
    await s3?.stop('SIGKILL');
    yield bytes.subarray(2 * PART_BYTES);
  }
  await assert.rejects(store.put(source(), UNLIMITED, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  await s3.start();
  const key = originalKey((await store.put(once(randomBytes(10)), UNLIMITED, NEVER)).digest);
  assert.deepEqual((await Array.fromAsync(store.list(undefined, NEVER))).map((one) => one.key), [key]);
  const again = await store.put(once(bytes), UNLIMITED, NEVER);
  assert.ok((await collectBytes(store.open(originalKey(again.digest), undefined, NEVER), 2 ** 30)).equals(bytes));
});

function sha256Of(text: string): Digest {
  return parseDigest(createHash('sha256').update(text).digest('hex'));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
