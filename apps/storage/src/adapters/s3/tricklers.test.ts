import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { acquireS3 } from '@medley/tool-real-services/s3';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { chunksOf, NEVER, sha256, UNLIMITED } from '../../ports/blob-store.fixture.ts';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { leftoversIn, newBucket, openStoreAlone, PART_BYTES, removeBucket } from './bucket.fixture.ts';

test('stores what comes fast while forty senders trickle into all the memory there is', { timeout: 60_000 }, async (t) => {
  const s3 = await realServiceOrSkip(t, acquireS3);
  if (s3 === undefined) return;
  const { client, ...options } = newBucket(s3);
  await using _bucket = { [Symbol.asyncDispose]: () => removeBucket(client, options.bucket) };
  const limits = { uploadMemoryBytes: 16 * PART_BYTES, uploadWaitMs: 8000 };
  await using store = openStoreAlone({ ...options, ...limits }, ...quietTools());
  await eventually(() => store.check(NEVER));
  const abort = new AbortController();
  t.after(() => abort.abort());
  let begunCount = 0;
  async function* trickle(): AsyncGenerator<Uint8Array> {
    yield randomBytes(65 * 1024);
    begunCount += 1;
    for (;;) {
      await sleep(100, undefined, { signal: abort.signal });
      yield randomBytes(10);
    }
  }
  const trickling = Promise.allSettled(Array.from({ length: 40 }, () => store.put(trickle(), UNLIMITED, abort.signal)));
  await eventually(() => assert.ok(begunCount > 0));
  const bytes = randomBytes(3 * PART_BYTES);
  assert.equal((await store.put(chunksOf(bytes), UNLIMITED, NEVER)).digest, sha256(bytes));
  abort.abort();
  const outcomes = (await trickling).map((one) => (one.status === 'rejected' ? (one.reason.reason ?? one.reason.name) : 'stored'));
  assert.ok(outcomes.includes('BUSY'));
  assert.ok(!outcomes.includes('stored'));
  assert.deepEqual(await leftoversIn(client, options.bucket), []);
});
