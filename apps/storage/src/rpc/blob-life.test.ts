import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BlobKey } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { startTestStorage, upload, type TestStorage } from '../app.fixture.ts';

const MIB = 2 ** 20;
const MISSING = 'cd'.repeat(32);

describe('the life of a blob', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage('tcp', { storage: { kind: 'filesystem', shared: false } });
  });
  after(() => storage[Symbol.asyncDispose]());

  const put = async (bytes: Uint8Array, derivedKey?: BlobKey): Promise<string> => {
    const { blob } = await storage.rpc.putBlob(upload(bytes, 100 * MIB, derivedKey));
    return blob?.digest ?? '';
  };
  const pathOf = (digest: string): string => join(storage.folder, 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest);
  const original = (digest: string) => ({ digest, derivation: '', store: '' });
  const find = async (digest: string) => (await Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store: '' }))).find(({ key }) => key?.digest === digest);
  /** An original of which one bit is another. */
  const putDamaged = async (sizeBytes: number): Promise<string> => {
    const bytes = randomBytes(sizeBytes);
    const digest = await put(bytes);
    bytes[Math.floor(sizeBytes / 2)] = (bytes[Math.floor(sizeBytes / 2)] ?? 0) ^ 1;
    await writeFile(pathOf(digest), bytes);
    return digest;
  };

  for (const sizeBytes of [100, 2 * MIB]) {
    test(`a damaged blob of ${sizeBytes} bytes is served as whole nowhere`, async () => {
      const digest = await putDamaged(sizeBytes);
      const key = original(digest);
      let passedBytes = 0;
      await assert.rejects(async () => {
        for await (const { chunk } of storage.rpc.getBlob({ key, range: undefined })) passedBytes += chunk.byteLength;
      }, { reason: 'BLOB_CORRUPT' });
      assert.ok(passedBytes < sizeBytes);
      if (sizeBytes <= MIB) await assert.rejects(storage.rpc.locateBlob({ key, inlineMaxBytes: MIB, acceptPath: true }), { reason: 'BLOB_CORRUPT' });
      const { location } = await storage.rpc.locateBlob({ key, inlineMaxBytes: 0, acceptPath: false });
      const http = location?.$case === 'http' ? location.value : undefined;
      for (const headers of [{}, { range: 'bytes=0-' }] as const) {
        const answer = await storage.send(http, { method: 'GET', headers });
        if (answer.status !== 502) await assert.rejects(collectBytes(answer.body, sizeBytes));
        else assert.equal(JSON.parse((await collectBytes(answer.body, 1000)).toString()).reason, 'BLOB_CORRUPT');
      }
      const part = await storage.send(http, { method: 'GET', headers: { range: 'bytes=0-9' } });
      assert.equal((await collectBytes(part.body, 100)).byteLength, 10);
    });
  }

  test('VerifyBlob answers what is stored, be it what it should be or not', async () => {
    const bytes = randomBytes(3 * MIB);
    const digest = await put(bytes);
    assert.deepEqual(await storage.rpc.verifyBlob({ digest, store: '' }), { blob: { digest, sizeBytes: 3 * MIB } });
    await writeFile(pathOf(digest), 'other bytes');
    const found = createHash('sha256').update('other bytes').digest('hex');
    assert.deepEqual(await storage.rpc.verifyBlob({ digest, store: '' }), { blob: { digest: found, sizeBytes: 11 } });
    await assert.rejects(storage.rpc.verifyBlob({ digest: MISSING, store: '' }), { reason: 'NOT_FOUND' });
    await assert.rejects(storage.rpc.verifyBlob({ digest: '../x', store: '' }), { reason: 'INVALID_PARAM' });
  });

  test('DeleteBlob takes everything derived from an original, and tells what that freed', async () => {
    const digest = await put(randomBytes(1000));
    for (const derivation of ['a', 'b']) await put(randomBytes(50), { digest, derivation, store: '' });
    assert.deepEqual(await storage.rpc.deleteBlob({ key: original(digest), withDerived: true }), { freedBytes: 1100, removed: true });
    assert.deepEqual(await storage.rpc.deleteBlob({ key: original(digest), withDerived: true }), { freedBytes: 0, removed: false });
    assert.deepEqual((await readdir(storage.folder, { recursive: true })).filter((name) => name.includes(digest)), []);
    await assert.rejects(storage.rpc.deleteBlob({ key: { digest, derivation: 'a', store: '' }, withDerived: true }), { reason: 'INVALID_PARAM' });
  });

  test('DeleteBlob leaves an original that was put later, and takes what is derived from it all the same', async () => {
    const bytes = randomBytes(1000);
    const digest = await put(bytes);
    await utimes(pathOf(digest), 1000, 1000);
    const storedAtMs = (await find(digest))?.storedAtMs;
    assert.equal(storedAtMs, 1_000_000);
    await put(randomBytes(50), { digest, derivation: 'a', store: '' });
    await put(bytes);
    assert.deepEqual(await storage.rpc.deleteBlob({ key: original(digest), withDerived: true, storedAtMs }), { freedBytes: 50, removed: true });
    const now = (await find(digest))?.storedAtMs;
    assert.deepEqual(await storage.rpc.deleteBlob({ key: original(digest), withDerived: true, storedAtMs: now }), { freedBytes: 1000, removed: true });
  });

  test('SweepStaging removes what was begun before, or only counts it', async () => {
    const staging = join(storage.folder, 'staging');
    for (const name of ['old', 'young']) await writeFile(join(staging, name), 'half a blob');
    await utimes(join(staging, 'old'), 1000, 1000);
    const begunBeforeMs = Date.now() - 60_000;
    const expected = { removedCount: 1, freedBytes: 11 };
    assert.deepEqual(await storage.rpc.sweepStaging({ begunBeforeMs, dryRun: true }), expected);
    assert.deepEqual((await readdir(staging)).toSorted(), ['old', 'young']);
    assert.deepEqual(await storage.rpc.sweepStaging({ begunBeforeMs, dryRun: false }), expected);
    assert.deepEqual(await readdir(staging), ['young']);
  });
});
