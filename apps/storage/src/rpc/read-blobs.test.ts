import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import type { BlobKey, GetBlobRequest } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { startTestStorage, upload, type TestStorage } from '../app.fixture.ts';

const MIB = 2 ** 20;
const MISSING = { digest: 'cd'.repeat(32), derivation: '', store: '' };

for (const transport of ['tcp', 'unix'] as const) {
  describe(`reading over ${transport}`, () => {
    let storage: TestStorage;
    const bytes = randomBytes(2 * MIB);
    let key: BlobKey;
    before(async () => {
      storage = await startTestStorage(transport);
      key = await put(bytes);
    });
    after(() => storage[Symbol.asyncDispose]());

    const put = async (content: Uint8Array): Promise<BlobKey> => {
      const { blob } = await storage.rpc.putBlob(upload(content, 100 * MIB));
      return { digest: blob?.digest ?? '', derivation: '', store: '' };
    };
    const get = async (request: GetBlobRequest): Promise<Buffer> => {
      const chunks = await Array.fromAsync(storage.rpc.getBlob(request));
      for (const { chunk } of chunks) assert.ok(chunk.byteLength <= CHUNK_BYTES);
      return Buffer.concat(chunks.map(({ chunk }) => chunk));
    };
    const locate = (inlineMaxBytes: number, acceptPath: boolean) => storage.rpc.locateBlob({ key, inlineMaxBytes, acceptPath });

    test('GetBlob streams a blob in chunks', async () => {
      assert.ok((await get({ key, range: undefined })).equals(bytes));
    });

    test('GetBlob streams a range of a blob', async () => {
      assert.ok((await get({ key, range: { offset: 100, length: 200_000 } })).equals(bytes.subarray(100, 200_100)));
    });

    test('GetBlob refuses what it can not give', async () => {
      await assert.rejects(get({ key, range: { offset: 1, length: 2 * MIB } }), { reason: 'RANGE_NOT_SATISFIABLE' });
      await assert.rejects(get({ key, range: { offset: -1, length: 2 } }), { reason: 'INVALID_PARAM' });
      await assert.rejects(get({ key: MISSING, range: undefined }), { reason: 'NOT_FOUND' });
      await assert.rejects(get({ key: { digest: '../x', derivation: '', store: '' }, range: undefined }), { reason: 'INVALID_PARAM' });
      await assert.rejects(get({ key: undefined, range: undefined }), { reason: 'MISSING_PARAM' });
    });

    test('LocatePublicBlob has nothing to give of a folder, and refuses what makes no sense', async () => {
      const request = { key, contentType: 'text/plain', contentDisposition: 'inline', ttlMs: 1000 };
      assert.deepEqual(await storage.rpc.locatePublicBlob(request), { sizeBytes: bytes.byteLength, http: undefined });
      for (const ttlMs of [999, 3_600_001]) await assert.rejects(storage.rpc.locatePublicBlob({ ...request, ttlMs }), { reason: 'INVALID_PARAM' });
      await assert.rejects(storage.rpc.locatePublicBlob({ ...request, key: MISSING }), { reason: 'NOT_FOUND' });
      await assert.rejects(storage.rpc.locatePublicBlob({ ...request, key: undefined }), { reason: 'MISSING_PARAM' });
    });

    test('LocateBlob gives a small blob inline, up to what the caller takes', async () => {
      const small = randomBytes(1000);
      const request = { key: await put(small), acceptPath: true };
      const inline = await storage.rpc.locateBlob({ ...request, inlineMaxBytes: 1000 });
      assert.equal(inline.sizeBytes, 1000);
      assert.ok(inline.location?.$case === 'inline' && small.equals(inline.location.value));
      assert.equal((await storage.rpc.locateBlob({ ...request, inlineMaxBytes: 999 })).location?.$case, 'path');
    });

    test('LocateBlob gives nothing larger than 1 MiB inline, whatever the caller takes', async () => {
      assert.equal((await locate(10 * MIB, true)).location?.$case, 'path');
    });

    test('LocateBlob gives the path of the file to a caller who mounts the folder', async () => {
      const { location, sizeBytes } = await locate(0, true);
      assert.ok(location?.$case === 'path' && location.value.startsWith('/'));
      assert.equal(sizeBytes, 2 * MIB);
      assert.ok((await readFile(location.value)).equals(bytes));
    });

    test('LocateBlob sends everybody else to the data port', async () => {
      const { location } = await locate(0, false);
      assert.ok(location?.$case === 'http');
      assert.equal(location.value.socketPath !== undefined, transport === 'unix');
      const answer = await storage.send(location.value, { method: 'GET', headers: { range: 'bytes=5-9' } });
      assert.equal(answer.status, 206);
      assert.ok((await collectBytes(answer.body, 100)).equals(bytes.subarray(5, 10)));
    });

    test('LocateBlob says when there is no such blob', async () => {
      await assert.rejects(storage.rpc.locateBlob({ key: MISSING, inlineMaxBytes: 0, acceptPath: true }), { reason: 'NOT_FOUND' });
    });

    test('LocateUpload tells where a body can be sent', async () => {
      const content = randomBytes(1000);
      const { http } = await storage.rpc.locateUpload({ maxBytes: 1000, store: '' });
      const answer = await storage.send(http, { method: 'PUT', body: content });
      assert.equal(answer.status, 200);
      const { digest, size_bytes: sizeBytes } = JSON.parse((await collectBytes(answer.body, 1000)).toString());
      assert.equal(sizeBytes, 1000);
      assert.ok((await get({ key: { digest, derivation: '', store: '' }, range: undefined })).equals(content));
    });

    test('DeleteBlob removes a blob, and may be called again', async () => {
      const doomed = await put(randomBytes(50));
      await storage.rpc.deleteBlob({ key: doomed, withDerived: false });
      await storage.rpc.deleteBlob({ key: doomed, withDerived: false });
      await assert.rejects(storage.rpc.statBlob({ key: doomed }), { reason: 'NOT_FOUND' });
    });

    test('ListBlobs streams every blob, from a key on', async () => {
      await put(randomBytes(10));
      const everything = await Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store: '' }));
      assert.ok(everything.some((blob) => blob.key?.digest === key.digest && blob.sizeBytes === 2 * MIB));
      const rest = await Array.fromAsync(storage.rpc.listBlobs({ after: everything[0]?.key, store: '' }));
      assert.deepEqual(rest, everything.slice(1));
    });

    test('a caller that leaves GetBlob early does not disturb others', async () => {
      for await (const { chunk } of storage.rpc.getBlob({ key, range: undefined })) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
      await eventually(async () => assert.ok((await get({ key, range: undefined })).equals(bytes)));
    });
  });
}
