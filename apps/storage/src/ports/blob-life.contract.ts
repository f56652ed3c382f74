import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { originalKey, parseBlobKey, type BlobKey } from '@medley/domain/blob-key';
import { collectBytes, type ByteStream } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import type { BlobStore, ListedBlob } from './blob-store.ts';
import { chunksOf, NEVER, sha256, UNLIMITED, type StoreUnderTest } from './blob-store.fixture.ts';

/** What every adapter must do so that blobs go, and are told from damaged ones. To be called within `describe`. */
export function blobLifeContract(open: () => Promise<StoreUnderTest>): void {
  let tested: StoreUnderTest;
  let store: BlobStore;
  before(async () => {
    tested = await open();
    store = tested.store;
  });
  after(() => tested[Symbol.asyncDispose]());

  const put = (bytes: Uint8Array, derivedKey?: BlobKey) => store.put(chunksOf(bytes), { ...UNLIMITED, derivedKey }, NEVER);
  const read = (key: BlobKey) => collectBytes(store.open(key, undefined, NEVER), 2 ** 30);
  const listed = (): Promise<ListedBlob[]> => Array.fromAsync(store.list(undefined, NEVER));

  describe('delete', () => {
    test('removes one blob and leaves those derived from it', async () => {
      const bytes = randomBytes(100);
      const { digest } = await put(bytes);
      const first = parseBlobKey({ digest, derivation: 'first' });
      const second = parseBlobKey({ digest, derivation: 'second' });
      await put(bytes, first);
      await put(bytes, second);
      await store.delete(originalKey(digest), NEVER);
      await store.delete(first, NEVER);
      await assert.rejects(store.stat(originalKey(digest), NEVER), { reason: 'NOT_FOUND' });
      await assert.rejects(store.stat(first, NEVER), { reason: 'NOT_FOUND' });
      assert.equal(await store.stat(second, NEVER), 100);
      await store.delete(second, NEVER);
      await assert.rejects(store.stat(second, NEVER), { reason: 'NOT_FOUND' });
    });

    test('succeeds when there is none', async () => {
      await store.delete(originalKey(sha256(randomBytes(8))), NEVER);
      await store.delete(parseBlobKey({ digest: sha256(randomBytes(8)), derivation: 'none' }), NEVER);
    });

    test('lets the same bytes be put again', async () => {
      const bytes = randomBytes(100);
      const { digest } = await put(bytes);
      await store.delete(originalKey(digest), NEVER);
      await put(bytes);
      assert.ok((await read(originalKey(digest))).equals(bytes));
    });

    test('answers how many bytes it freed', async () => {
      const { digest } = await put(randomBytes(100));
      assert.equal(await store.delete(originalKey(digest), NEVER), 100);
      assert.equal(await store.delete(originalKey(digest), NEVER), undefined);
    });

    test('tells an empty blob from none', async () => {
      const { digest } = await put(Buffer.alloc(0));
      assert.equal(await store.delete(originalKey(digest), NEVER), 0);
      assert.equal(await store.delete(originalKey(digest), NEVER), undefined);
    });

    test('takes only a blob that was put when it says', async () => {
      const { digest } = await put(randomBytes(100));
      const storedAtMs = (await listed()).find(({ key }) => key.digest === digest)?.storedAtMs ?? 0;
      assert.equal(await store.delete(originalKey(digest), NEVER, storedAtMs - 1), undefined);
      assert.equal(await store.stat(originalKey(digest), NEVER), 100);
      assert.equal(await store.delete(originalKey(digest), NEVER, storedAtMs), 100);
      assert.equal(await store.delete(originalKey(digest), NEVER, storedAtMs), undefined);
      await assert.rejects(store.stat(originalKey(digest), NEVER), { reason: 'NOT_FOUND' });
    });

    test('leaves bytes that were put again since it was decided', async () => {
      const bytes = randomBytes(100);
      const { digest } = await put(bytes);
      const find = async () => (await listed()).find(({ key }) => key.digest === digest)?.storedAtMs;
      const decidedFor = await find();
      await eventually(async () => {
        await put(bytes);
        assert.notEqual(await find(), decidedFor);
      });
      assert.equal(await store.delete(originalKey(digest), NEVER, decidedFor), undefined);
      assert.ok((await read(originalKey(digest))).equals(bytes));
    });

    test('with all that was derived leaves nothing of a digest anywhere', async () => {
      const { digest } = await put(randomBytes(tested.partBytes + 100));
      for (const [name, size] of [['a', 10], ['b', 20], ['b-1', 30]] as const) await put(randomBytes(size), parseBlobKey({ digest, derivation: name }));
      assert.ok((await tested.names()).filter((name) => name.includes(digest)).length >= 4);
      assert.equal(await store.deleteDerived(digest, NEVER), 60);
      assert.equal(await store.deleteDerived(digest, NEVER), 0);
      assert.equal(await store.stat(originalKey(digest), NEVER), tested.partBytes + 100);
      await store.delete(originalKey(digest), NEVER);
      assert.deepEqual((await tested.names()).filter((name) => name.includes(digest)), []);
      assert.deepEqual(await tested.leftovers(), []);
    });

    test('of what was derived leaves what was derived of others', async () => {
      const [one, other] = [sha256(randomBytes(8)), sha256(randomBytes(8))];
      for (const digest of [one, other]) await put(randomBytes(10), parseBlobKey({ digest, derivation: 'x' }));
      await store.deleteDerived(one, NEVER);
      assert.equal(await store.stat(parseBlobKey({ digest: other, derivation: 'x' }), NEVER), 10);
    });
  });

  describe('a damaged original', () => {
    const damages: readonly [string, (bytes: Buffer) => Buffer][] = [
      ['with one other bit', (bytes) => bytes.map((byte, index) => (index === 70_000 ? byte ^ 1 : byte)) as Buffer],
      ['that is cut', (bytes) => bytes.subarray(0, 200_000)],
      ['that is empty', () => Buffer.alloc(0)],
      ['with a byte too many', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ];
    for (const [name, damage] of damages) {
      test(`${name} is never read as whole, and told apart by verify`, async () => {
        const bytes = randomBytes(1_200_000);
        const key = originalKey((await put(bytes)).digest);
        const damaged = Buffer.from(damage(bytes));
        await tested.damage(key, damaged);
        for (const range of [undefined, { offset: 0, length: damaged.byteLength }]) {
          let passedBytes = 0;
          await assert.rejects(async () => {
            for await (const chunk of store.open(key, range, NEVER)) passedBytes += chunk.byteLength;
          }, { reason: 'BLOB_CORRUPT' });
          assert.ok(passedBytes === 0 || passedBytes < damaged.byteLength);
        }
        assert.deepEqual(await store.verify(key.digest, NEVER), { digest: sha256(damaged), sizeBytes: damaged.byteLength });
        await put(bytes);
        assert.ok((await read(key)).equals(bytes), 'putting the same bytes again mends it');
      });
    }

    test('is still read in parts, which have no digest of their own', async () => {
      const key = originalKey((await put(randomBytes(1000))).digest);
      await tested.damage(key, Buffer.alloc(1000));
      assert.deepEqual(await collectBytes(store.open(key, { offset: 1, length: 999 }, NEVER), 1000), Buffer.alloc(999));
    });
  });

  describe('verify', () => {
    test('answers digest and size of an original', async () => {
      const stored = await put(randomBytes(tested.partBytes + 7));
      assert.deepEqual(await store.verify(stored.digest, NEVER), stored);
    });

    test('fails with NOT_FOUND where there is none', async () => {
      await assert.rejects(store.verify(sha256(randomBytes(8)), NEVER), { reason: 'NOT_FOUND' });
    });
  });

  describe('sweepStaging', () => {
    test('counts, then removes, what an unfinished upload holds, and nothing younger or stored', async () => {
      const kept = await put(randomBytes(10));
      const bytes = randomBytes(Math.floor(2.5 * tested.partBytes));
      const gate = Promise.withResolvers<void>();
      async function* stuck(): ByteStream {
        yield* chunksOf(bytes);
        await gate.promise;
      }
      const unfinished = store.put(stuck(), UNLIMITED, NEVER);
      unfinished.catch(() => {});
      await eventually(async () => assert.notDeepEqual(await tested.leftovers(), []));
      const inAnHour = Date.now() + 3_600_000;
      assert.deepEqual(await store.sweepStaging(Date.now() - 3_600_000, false, NEVER), { removedCount: 0, freedBytes: 0 });
      assert.equal((await store.sweepStaging(inAnHour, true, NEVER)).removedCount, 1);
      assert.equal((await tested.leftovers()).length, 1);
      assert.equal((await store.sweepStaging(inAnHour, false, NEVER)).removedCount, 1);
      await eventually(async () => assert.deepEqual(await tested.leftovers(), []));
      gate.resolve();
      await assert.rejects(unfinished, { reason: 'SERVICE_UNAVAILABLE' });
      await assert.rejects(store.stat(originalKey(sha256(bytes)), NEVER), { reason: 'NOT_FOUND' });
      assert.deepEqual(await tested.leftovers(), []);
      assert.equal(await store.stat(originalKey(kept.digest), NEVER), 10);
      assert.deepEqual(await store.sweepStaging(inAnHour, false, NEVER), { removedCount: 0, freedBytes: 0 });
    });
  });
}
