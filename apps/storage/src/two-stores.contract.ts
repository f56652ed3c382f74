import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { BlobKey, HttpLocation } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { upload, type TestStorage } from './app.fixture.ts';

/** A tenant that has a store of its own, beside the common one. */
export const OWN = 'own.example';
export const HOMESERVERS = (storage: object): readonly object[] => [{ server_name: 'localhost' }, { server_name: OWN, storage }];

const MIB = 2 ** 20;
const LIMIT = 100 * MIB;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a service with two stores must do, wherever they lie. To be called within `describe`. */
export function twoStoresContract(open: () => Promise<TestStorage>): void {
  let storage: TestStorage;
  before(async () => {
    storage = await open();
  });
  after(() => storage[Symbol.asyncDispose]());

  const at = (digest: string, store: string, derivation = ''): BlobKey => ({ digest, derivation, store });
  const put = (bytes: Uint8Array, store: string) => storage.rpc.putBlob(upload(bytes, LIMIT, undefined, store));
  const listed = async (digest: string, store: string): Promise<readonly (BlobKey | undefined)[]> => {
    const blobs = await Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store }));
    return blobs.map(({ key }) => key).filter((key) => key?.digest === digest);
  };
  const locate = async (key: BlobKey): Promise<HttpLocation | undefined> => {
    const { location } = await storage.rpc.locateBlob({ key, inlineMaxBytes: 0, acceptPath: false });
    return location?.$case === 'http' ? location.value : undefined;
  };
  const read = async (location: HttpLocation | undefined) => {
    const { status, body } = await storage.send(location, { method: 'GET' });
    return { status, bytes: await collectBytes(body, LIMIT) };
  };

  for (const [store, other] of [['', OWN], [OWN, '']] as const) {
    test(`knows nothing in the store “${other}” of what was put into “${store}”`, async () => {
      const bytes = randomBytes(100_000);
      const digest = sha256(bytes);
      await put(bytes, store);
      const key = at(digest, other);
      const missing = { reason: 'NOT_FOUND' };
      await assert.rejects(storage.rpc.statBlob({ key }), missing);
      await assert.rejects(storage.rpc.verifyBlob({ digest, store: other }), missing);
      await assert.rejects(storage.rpc.locateBlob({ key, inlineMaxBytes: 0, acceptPath: true }), missing);
      await assert.rejects(storage.rpc.locatePublicBlob({ key, contentType: 'a/b', contentDisposition: 'inline', ttlMs: 1000 }), missing);
      await assert.rejects(Array.fromAsync(storage.rpc.getBlob({ key, range: undefined })), missing);
      assert.deepEqual((await storage.rpc.deleteBlob({ key, withDerived: true })).removed, false);
      assert.deepEqual(await storage.rpc.statBlob({ key: at(digest, store) }), { sizeBytes: 100_000 });
    });
  }

  test('keeps the same bytes in both, lists each in its own, and removes one without the other', async () => {
    const bytes = randomBytes(6 * MIB);
    const digest = sha256(bytes);
    for (const store of ['', OWN]) {
      assert.equal((await put(bytes, store)).blob?.digest, digest);
      assert.deepEqual(await listed(digest, store), [at(digest, store)]);
      assert.deepEqual(await storage.rpc.verifyBlob({ digest, store }), { blob: { digest, sizeBytes: 6 * MIB } });
    }
    await storage.rpc.deleteBlob({ key: at(digest, ''), withDerived: true });
    assert.deepEqual([await listed(digest, ''), await listed(digest, OWN)], [[], [at(digest, OWN)]]);
    assert.ok((await read(await locate(at(digest, OWN)))).bytes.equals(bytes));
    await assert.rejects(storage.rpc.statBlob({ key: at(digest, '') }), { reason: 'NOT_FOUND' });
  });

  test('takes a body over HTTP into the store that it was asked for, and into no other', async () => {
    const bytes = randomBytes(6 * MIB);
    const { http } = await storage.rpc.locateUpload({ maxBytes: LIMIT, store: OWN });
    const answer = await storage.send(http, { method: 'PUT', body: bytes });
    assert.deepEqual(JSON.parse((await collectBytes(answer.body, 1000)).toString()), { digest: sha256(bytes), size_bytes: 6 * MIB });
    assert.deepEqual([await listed(sha256(bytes), ''), await listed(sha256(bytes), OWN)], [[], [at(sha256(bytes), OWN)]]);
  });

  test('keeps what is derived of an original in the store that its key names, and removes it with the original of that store alone', async () => {
    const bytes = randomBytes(1000);
    const digest = sha256(bytes);
    for (const store of ['', OWN]) {
      await put(bytes, store);
      const key = at(digest, store, 'thumb-1');
      await storage.rpc.putBlob(upload(randomBytes(50), LIMIT, key));
      assert.deepEqual(await listed(digest, store), [at(digest, store), key]);
    }
    assert.deepEqual(await storage.rpc.deleteBlob({ key: at(digest, OWN), withDerived: true }), { freedBytes: 1050, removed: true });
    assert.deepEqual([await listed(digest, OWN), (await listed(digest, '')).length], [[], 2]);
    await assert.rejects(storage.rpc.putBlob(upload(randomBytes(50), LIMIT, at(digest, '', 'thumb-2'), OWN)), { reason: 'INVALID_PARAM' });
  });

  test('goes on with a list after a key, whatever store that names', async () => {
    await put(randomBytes(10), OWN);
    const everything = await Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store: OWN }));
    const first = everything[0]?.key;
    assert.ok(first !== undefined);
    assert.deepEqual(await Array.fromAsync(storage.rpc.listBlobs({ after: { ...first, store: 'whose.example' }, store: OWN })), everything.slice(1));
  });

  test('gives a URL that reads the blob of its store only', async () => {
    const bytes = randomBytes(1000);
    await put(bytes, OWN);
    const location = await locate(at(sha256(bytes), OWN));
    assert.ok(location !== undefined);
    assert.ok((await read(location)).bytes.equals(bytes));
    await put(bytes, '');
    await storage.rpc.deleteBlob({ key: at(sha256(bytes), OWN), withDerived: false });
    assert.equal((await read(location)).status, 404);
  });
}
