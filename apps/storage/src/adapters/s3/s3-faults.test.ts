import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { originalKey } from '@medley/domain/blob-key';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { acquireS3, type S3 } from '@medley/tool-real-services/s3';
import { describeRealService } from '@medley/tool-real-services/skip';
import { chunksOf, NEVER, sha256, UNLIMITED } from '../../ports/blob-store.fixture.ts';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { leftoversIn, namesIn, newBucket, openStoreAlone, PART_BYTES, removeBucket } from './bucket.fixture.ts';
import { FaultProxy, type Fault } from './fault-proxy.fixture.ts';

const SLOW_DOWN: Fault = { kind: 'refuse', status: 503, code: 'SlowDown' };
const BROKEN: Fault = { kind: 'refuse', status: 500, code: 'InternalError' };
const LOST: Fault = { kind: 'lose-answer' };

/** The requests of an upload in parts, in the order they come. */
const STEPS = {
  begin: /^POST .*\?uploads/,
  part: /^PUT .*partNumber=/,
  complete: /^POST .*uploadId=/,
  look: /^HEAD .*\/staging\//,
  copy: /^PUT \/[^?]*\/blobs\/[^?]*$/,
};
const WHOLE_PUT = /^PUT .*\/blobs\/.*X-Amz-/;
const GET = /^GET .*\/blobs\//;

await describeRealService('blob store on an S3 that fails', acquireS3, (s3) => {
  const large = (): Buffer => randomBytes(Math.floor(2.5 * PART_BYTES));

  for (const [name, fault] of [['500', BROKEN], ['503 SlowDown', SLOW_DOWN], ['a reset', { kind: 'reset-request' }]] as const) {
    test(`sends a part again after ${name}`, async () => {
      await using faulty = await openFaulty(s3);
      faulty.proxy.inject(STEPS.part, fault, 1);
      const bytes = large();
      assert.equal((await faulty.put(bytes)).digest, sha256(bytes));
      assert.equal(faulty.proxy.count(STEPS.part), 4);
      assert.deepEqual(await faulty.leftovers(), []);
    });

    test(`gives an upload up after a second ${name}, leaves nothing of it, and works again by itself`, async () => {
      await using faulty = await openFaulty(s3);
      faulty.proxy.inject(STEPS.part, fault);
      const bytes = large();
      await assert.rejects(faulty.put(bytes), { reason: 'SERVICE_UNAVAILABLE' });
      assert.equal(faulty.proxy.count(STEPS.part), 2);
      await faulty.assertNothingStored();
      faulty.proxy.heal();
      assert.equal((await faulty.put(bytes)).digest, sha256(bytes));
    });
  }

  for (const [step, pattern] of Object.entries(STEPS)) {
    test(`asks once more where the answer to ${step} is lost, and stores the blob once`, async () => {
      await using faulty = await openFaulty(s3);
      faulty.proxy.inject(pattern, LOST, 1);
      const bytes = large();
      const { digest } = await faulty.put(bytes);
      assert.ok((await faulty.read(digest)).equals(bytes));
      assert.equal((await namesIn(faulty.client, faulty.bucket)).length, 1);
      // An upload whose id was lost holds no part; it goes with the next sweep.
      assert.equal((await faulty.leftovers()).length, step === 'begin' ? 1 : 0);
      await faulty.store.sweepStaging(Date.now() + 3_600_000, false, NEVER);
      assert.deepEqual(await faulty.leftovers(), []);
    });

    test(`stores nothing where ${step} goes on failing`, async () => {
      await using faulty = await openFaulty(s3);
      faulty.proxy.inject(pattern, SLOW_DOWN);
      await assert.rejects(faulty.put(large()), { reason: 'SERVICE_UNAVAILABLE' });
      assert.equal(faulty.proxy.count(pattern), 2);
      await faulty.assertNothingStored();
      faulty.proxy.heal();
      await faulty.put(large());
    });
  }

  test('stores a small blob once where the answer is lost', async () => {
    await using faulty = await openFaulty(s3);
    faulty.proxy.inject(WHOLE_PUT, LOST, 1);
    const bytes = randomBytes(1000);
    assert.equal((await faulty.put(bytes)).digest, sha256(bytes));
    assert.equal(faulty.proxy.count(WHOLE_PUT), 2);
  });

  test('lets go of an S3 that says nothing when its caller leaves', async () => {
    await using faulty = await openFaulty(s3);
    faulty.proxy.inject(STEPS.part, { kind: 'stall' });
    const abort = new AbortController();
    const sent = faulty.put(large(), abort.signal);
    await eventually(() => assert.equal(faulty.proxy.count(STEPS.part), 1));
    abort.abort(new Error('left'));
    await assert.rejects(sent, { message: 'left' });
    await faulty.assertNothingStored();
    await eventually(() => assert.equal(faulty.proxy.runningCount, 0));
    faulty.proxy.heal();
    await faulty.put(large());
  });

  test('has what it could not clear away swept later', async () => {
    await using faulty = await openFaulty(s3);
    for (const pattern of [STEPS.complete, /^DELETE /]) faulty.proxy.inject(pattern, BROKEN);
    await assert.rejects(faulty.put(large()), { reason: 'SERVICE_UNAVAILABLE' });
    assert.equal((await faulty.leftovers()).length, 1);
    faulty.proxy.heal();
    assert.equal((await faulty.store.sweepStaging(Date.now() + 3_600_000, false, NEVER)).removedCount, 1);
    await faulty.assertNothingStored();
  });

  test('asks once more for a blob after a passing failure', async () => {
    await using faulty = await openFaulty(s3);
    const bytes = randomBytes(200_000);
    const { digest } = await faulty.put(bytes);
    for (const fault of [BROKEN, SLOW_DOWN, LOST]) {
      faulty.proxy.heal();
      faulty.proxy.inject(GET, fault, 1);
      assert.ok((await faulty.read(digest)).equals(bytes));
      assert.equal(faulty.proxy.count(GET), 2);
    }
  });

  for (const [name, fault, reason] of [
    ['is reset in its middle', { kind: 'reset-answer' }, 'SERVICE_UNAVAILABLE'],
    ['ends in its middle', { kind: 'half-answer', fits: false }, 'SERVICE_UNAVAILABLE'],
    ['is only its first half, and says so', { kind: 'half-answer', fits: true }, 'BLOB_CORRUPT'],
    ['has another bit', { kind: 'flip' }, 'BLOB_CORRUPT'],
  ] as const) {
    test(`fails a read whose answer ${name}, before its last chunk, and reads it whole afterwards`, async () => {
      await using faulty = await openFaulty(s3);
      const bytes = randomBytes(2_000_000);
      const { digest } = await faulty.put(bytes);
      faulty.proxy.inject(GET, fault);
      for (const range of [undefined, { offset: 0, length: bytes.byteLength }]) {
        let passedBytes = 0;
        await assert.rejects(async () => {
          for await (const chunk of faulty.store.open(originalKey(digest), range, NEVER)) passedBytes += chunk.byteLength;
        }, { reason: range !== undefined && fault.kind === 'half-answer' && fault.fits ? 'RANGE_NOT_SATISFIABLE' : reason });
        assert.ok(passedBytes < bytes.byteLength);
      }
      await eventually(() => assert.equal(faulty.proxy.runningCount, 0));
      faulty.proxy.heal();
      assert.ok((await faulty.read(digest)).equals(bytes));
    });
  }

  test('waits for an answer that comes slowly', async () => {
    await using faulty = await openFaulty(s3);
    const bytes = randomBytes(500_000);
    const { digest } = await faulty.put(bytes);
    faulty.proxy.inject(GET, { kind: 'drip' });
    assert.ok((await faulty.read(digest)).equals(bytes));
  });

  test('deletes also where the answer is lost, and never takes a failing list for an empty bucket', async () => {
    await using faulty = await openFaulty(s3);
    const { digest } = await faulty.put(randomBytes(1000));
    faulty.proxy.inject(/^GET .*list-type=2/, SLOW_DOWN);
    await assert.rejects(Array.fromAsync(faulty.store.list(undefined, NEVER)), { reason: 'SERVICE_UNAVAILABLE' });
    faulty.proxy.heal();
    faulty.proxy.inject(/^DELETE /, LOST, 1);
    assert.equal(await faulty.store.delete(originalKey(digest), NEVER), 1000);
    assert.deepEqual(await namesIn(faulty.client, faulty.bucket), []);
  });
});

/** A store whose way to S3 leads through a proxy, with memory for one part: what is not given back stops the next upload. */
async function openFaulty(s3: S3) {
  await using opened = new AsyncDisposableStack();
  const { client, ...options } = newBucket(s3);
  const { bucket } = options;
  const proxy = opened.use(await FaultProxy.start(options.endpoint));
  opened.defer(() => removeBucket(client, bucket));
  const store = opened.use(openStoreAlone({ ...options, endpoint: proxy.endpoint, uploadMemoryBytes: PART_BYTES }, ...quietTools()));
  await eventually(() => store.check(NEVER));
  await eventually(() => assert.ok(proxy.count(/list-type=2/) > 0));
  await eventually(() => assert.equal(proxy.runningCount, 0));
  proxy.heal();
  const resources = opened.move();
  const leftovers = () => leftoversIn(client, bucket);
  return {
    store, proxy, client, bucket, leftovers,
    put: (bytes: Uint8Array, signal = NEVER) => store.put(chunksOf(bytes), UNLIMITED, signal),
    read: (digest: ReturnType<typeof sha256>) => collectBytes(store.open(originalKey(digest), undefined, NEVER), 2 ** 30),
    async assertNothingStored(): Promise<void> {
      assert.deepEqual(await namesIn(client, bucket), []);
      assert.deepEqual(await leftovers(), []);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
