import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ByteLane } from '@medley/byte-lane/byte-lane';
import { readFileRange } from '@medley/byte-lane/read-file';
import { originalKey, parseBlobKey, type BlobKey } from '@medley/domain/blob-key';
import { collectBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { BlobStore, ListedBlob } from './blob-store.ts';
import { chunksOf, NEVER, sha256, UNLIMITED, type StoreUnderTest } from './blob-store.fixture.ts';

/** What every adapter must do. To be called within `describe`. */
export function blobStoreContract(open: () => Promise<StoreUnderTest>): void {
  let tested: StoreUnderTest;
  let store: BlobStore;
  before(async () => {
    tested = await open();
    store = tested.store;
  });
  after(() => tested[Symbol.asyncDispose]());

  const put = (bytes: Uint8Array, derivedKey?: BlobKey) => store.put(chunksOf(bytes), { ...UNLIMITED, derivedKey }, NEVER);
  const read = (key: BlobKey) => collectBytes(store.open(key, undefined, NEVER), 2 ** 30);
  const listed = (after?: BlobKey): Promise<ListedBlob[]> => Array.fromAsync(store.list(after, NEVER));

  describe('put', () => {
    const sizes: readonly [string, (partBytes: number) => number][] = [
      ['no byte', () => 0],
      ['one byte', () => 1],
      ['one byte less than a part', (part) => part - 1],
      ['exactly a part', (part) => part],
      ['one byte more than a part', (part) => part + 1],
      ['exactly two parts', (part) => 2 * part],
      ['two parts and a bit', (part) => 2 * part + 12_345],
    ];
    for (const [name, size] of sizes) {
      test(`stores ${name} under the digest of its bytes`, async () => {
        const bytes = randomBytes(size(tested.partBytes));
        const stored = await put(bytes);
        assert.deepEqual(stored, { digest: sha256(bytes), sizeBytes: bytes.byteLength });
        assert.ok((await read(originalKey(stored.digest))).equals(bytes));
        assert.equal(await store.stat(originalKey(stored.digest), NEVER), bytes.byteLength);
        assert.deepEqual(await tested.leftovers(), []);
      });
    }

    test('stores a stream of very small chunks whole', async () => {
      const bytes = randomBytes(5000);
      const { digest } = await store.put(chunksOf(bytes, 1), UNLIMITED, NEVER);
      assert.ok((await read(originalKey(digest))).equals(bytes));
    });

    test('keeps a derived blob under its own key, apart from the original', async () => {
      const source = sha256(randomBytes(8));
      const key = parseBlobKey({ digest: source, derivation: 'thumbnail-v1-32x32-crop' });
      const bytes = randomBytes(100);
      assert.deepEqual(await put(bytes, key), { digest: sha256(bytes), sizeBytes: 100 });
      assert.ok((await read(key)).equals(bytes));
      await assert.rejects(store.stat(originalKey(source), NEVER), { reason: 'NOT_FOUND' });
      await assert.rejects(store.stat(originalKey(sha256(bytes)), NEVER), { reason: 'NOT_FOUND' });
    });

    test('stores the same bytes once, whoever puts them at the same time', async () => {
      const bytes = randomBytes(tested.partBytes + 1000);
      const stored = await Promise.all(Array.from({ length: 4 }, () => put(bytes)));
      await put(bytes);
      for (const one of stored) assert.equal(one.digest, sha256(bytes));
      const found = (await listed()).filter(({ key }) => key.digest === sha256(bytes));
      assert.deepEqual(found.map(({ sizeBytes }) => sizeBytes), [bytes.byteLength]);
      assert.ok((await read(originalKey(sha256(bytes)))).equals(bytes));
      assert.deepEqual(await tested.leftovers(), []);
    });

    test('takes exactly max_bytes and refuses one more', async () => {
      const bytes = randomBytes(1000);
      await store.put(chunksOf(bytes), { maxBytes: 1000 }, NEVER);
      const larger = randomBytes(1001);
      await assert.rejects(store.put(chunksOf(larger), { maxBytes: 1000 }, NEVER), { reason: 'TOO_LARGE' });
      await assertNothingOf(larger);
    });

    test('leaves nothing of a large body that crosses the limit at its end', async () => {
      const bytes = randomBytes(2 * tested.partBytes + 1);
      await assert.rejects(store.put(chunksOf(bytes), { maxBytes: bytes.byteLength - 1 }, NEVER), { reason: 'TOO_LARGE' });
      await assertNothingOf(bytes);
    });

    for (const [name, parts] of [['first', 0.5], ['second', 1.5], ['third', 2.5]] as const) {
      test(`leaves nothing when the source fails in its ${name} part, and fails with its error`, async () => {
        const bytes = randomBytes(Math.floor(parts * tested.partBytes));
        const failure = new Error('the source broke');
        async function* source(): ByteStream {
          yield* chunksOf(bytes);
          throw failure;
        }
        await assert.rejects(store.put(source(), UNLIMITED, NEVER), failure);
        await assertNothingOf(bytes);
      });

      test(`leaves nothing when it is aborted in the ${name} part, also by a source that is stuck`, async () => {
        const bytes = randomBytes(Math.floor(parts * tested.partBytes));
        const abort = new AbortController();
        const reason = new Error('aborted on purpose');
        async function* source(): ByteStream {
          yield* chunksOf(bytes);
          abort.abort(reason);
          await new Promise(() => {});
        }
        await assert.rejects(store.put(source(), UNLIMITED, abort.signal), reason);
        await assertNothingOf(bytes);
      });
    }

    test('closes its source when it gives up', async () => {
      let isClosed = false;
      async function* source(): ByteStream {
        try {
          for (;;) yield randomBytes(1000);
        } finally {
          isClosed = true;
        }
      }
      await assert.rejects(store.put(source(), { maxBytes: 5000 }, NEVER), { reason: 'TOO_LARGE' });
      assert.ok(isClosed);
    });
  });

  describe('open', () => {
    const bytes = randomBytes(300_000);
    const key = originalKey(sha256(bytes));
    before(() => put(bytes));

    for (const [offset, length] of [[0, 1], [0, 300_000], [1, 299_998], [299_999, 1], [65_535, 65_537], [300_000, 0], [5, 0]] as const) {
      test(`reads ${length} bytes from ${offset} on`, async () => {
        const part = await collectBytes(store.open(key, { offset, length }, NEVER), 2 ** 20);
        assert.ok(part.equals(bytes.subarray(offset, offset + length)));
      });
    }

    for (const [offset, length] of [[0, 300_001], [299_999, 2], [300_000, 1], [300_001, 0], [400_000, 10]] as const) {
      test(`refuses ${length} bytes from ${offset} on, which are not all there`, async () => {
        await assert.rejects(collectBytes(store.open(key, { offset, length }, NEVER), 2 ** 20), { reason: 'RANGE_NOT_SATISFIABLE' });
      });
    }

    test('fails with NOT_FOUND at the first read of what is not there, and not before', async () => {
      const stream = store.open(originalKey(sha256(randomBytes(8))), undefined, NEVER);
      await assert.rejects(collectBytes(stream, 10), { reason: 'NOT_FOUND' });
    });

    test('can be left after the first chunk', async () => {
      for await (const chunk of store.open(key, undefined, NEVER)) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
      assert.ok((await read(key)).equals(bytes));
    });

    test('rejects with the reason of its signal', async () => {
      const reason = new Error('aborted on purpose');
      await assert.rejects(collectBytes(store.open(key, undefined, AbortSignal.abort(reason)), 2 ** 20), reason);
    });

    test('reads the same bytes at the place that locate names', async () => {
      const found = await store.locate(key, 60_000);
      if (found.kind === 'path') {
        const file = await collectBytes(readFileRange(found.path, { offset: 0, length: bytes.byteLength }, NEVER), 2 ** 20);
        assert.ok(file.equals(bytes));
        return;
      }
      await using lane = new ByteLane(1);
      const whole = await lane.send({ url: found.url }, { method: 'GET' }, NEVER);
      assert.equal(whole.status, 200);
      assert.ok((await collectBytes(whole.body, 2 ** 20)).equals(bytes));
      const part = await lane.send({ url: found.url }, { method: 'GET', headers: { range: 'bytes=10-19' } }, NEVER);
      assert.equal(part.status, 206);
      assert.ok((await collectBytes(part.body, 2 ** 20)).equals(bytes.subarray(10, 20)));
      assert.ok(Math.abs(found.expiresAtMs - Date.now() - 60_000) < 5000);
    });
  });

  describe('list', () => {
    test('yields every blob once, originals first, each kind in key order, from any key on', async () => {
      const source = sha256(randomBytes(8));
      for (const derivation of ['b', 'a', 'a-1']) await put(randomBytes(10), parseBlobKey({ digest: source, derivation }));
      const everything = await listed();
      const names = everything.map(({ key }) => `${key.derivation === '' ? 0 : 1} ${key.digest} ${key.derivation}`);
      assert.deepEqual(names, [...new Set(names)].toSorted());
      assert.deepEqual(everything.filter(({ key }) => key.digest === source).map(({ key }) => key.derivation), ['a', 'a-1', 'b']);
      for (const [index, { key }] of everything.entries()) assert.deepEqual(await listed(key), everything.slice(index + 1));
    });

    test('tells size and time of storing', async () => {
      const bytes = randomBytes(77);
      const { digest } = await put(bytes);
      const found = (await listed()).find(({ key }) => key.digest === digest);
      assert.equal(found?.sizeBytes, 77);
      assert.ok(Math.abs((found?.storedAtMs ?? 0) - Date.now()) < 60_000);
    });
  });

  test('says that it can be used', async () => {
    await store.check(NEVER);
  });

  async function assertNothingOf(bytes: Uint8Array): Promise<void> {
    await assert.rejects(store.stat(originalKey(sha256(bytes)), NEVER), { reason: 'NOT_FOUND' });
    assert.deepEqual(await tested.leftovers(), []);
  }
}
