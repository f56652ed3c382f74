import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, rename, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { startTestStorage, upload, type TestStorage } from '../../app.fixture.ts';

const MIB = 2 ** 20;
const DISK_BYTES = 16 * MIB;
const run = promisify(execFile);

test('is full when its disk is, leaves nothing of what did not fit, goes on reading, and stores again as soon as there is room', async (t) => {
  await using disk = await mountOrSkip(t);
  if (disk === undefined) return;
  const { storage } = disk;
  const bytes = randomBytes(10 * MIB);
  const digest = await put(storage, bytes);
  for (const uploadsAtOnce of [1, 5]) {
    const sent = await Promise.allSettled(Array.from({ length: uploadsAtOnce }, () => put(storage, randomBytes(8 * MIB))));
    for (const one of sent) assert.ok(one.status === 'rejected' && one.reason.reason === 'STORAGE_FULL');
  }
  await eventually(async () => assert.deepEqual(await readdir(join(storage.folder, 'staging')), []));
  assert.ok((await read(storage, digest)).equals(bytes));
  const viaDataPort = await putOverHttp(storage, randomBytes(8 * MIB));
  assert.deepEqual([viaDataPort.status, viaDataPort.reason], [507, 'STORAGE_FULL']);
  assert.deepEqual(await storage.service.readiness(), [], 'what is there can still be read');
  const key = { digest, derivation: '', store: '' };
  assert.deepEqual(await storage.rpc.deleteBlob({ key, withDerived: false }), { freedBytes: 10 * MIB, removed: true });
  await put(storage, randomBytes(8 * MIB));
});

test('leaves some of its disk free, and more before copies take it, whether or not their size is said', async (t) => {
  await using disk = await mountOrSkip(t, 3 * MIB);
  if (disk === undefined) return;
  const { storage } = disk;
  const isFull = { reason: 'STORAGE_FULL' };
  const putCopy = (bytes: Uint8Array) => storage.rpc.putBlob(upload(bytes, 100 * MIB, { digest: 'ab'.repeat(32), derivation: `size-${bytes.byteLength}`, store: '' }));
  await put(storage, randomBytes(7 * MIB));
  await assert.rejects(putCopy(randomBytes(9 * MIB)), isFull, 'cut in the middle');
  await putCopy(randomBytes(2.5 * MIB));
  await assert.rejects(putCopy(randomBytes(3 * MIB)), isFull, 'less than twice as much is left');
  const { status, reason } = await putOverHttp(storage, randomBytes(5 * MIB));
  assert.deepEqual([status, reason], [507, 'STORAGE_FULL']);
  await put(storage, randomBytes(3 * MIB));
  await assert.rejects(put(storage, randomBytes(2 * MIB)), isFull);
  assert.deepEqual(await readdir(join(storage.folder, 'staging')), []);
  const { bavail, bsize } = await statfs(storage.folder);
  assert.ok(bavail * bsize >= 2 * MIB, 'the rest belongs to others');
});

test('is not available, but for reading, while its disk is read-only, and works again when it is not', async (t) => {
  await using disk = await mountOrSkip(t);
  if (disk === undefined) return;
  const { storage } = disk;
  const bytes = randomBytes(MIB);
  const digest = await put(storage, bytes);
  await disk.remount('ro');
  await assert.rejects(put(storage, randomBytes(1000)), { reason: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  await assert.rejects(storage.rpc.deleteBlob({ key: { digest, derivation: '', store: '' }, withDerived: true }), { reason: 'SERVICE_UNAVAILABLE' });
  assert.deepEqual(await storage.service.readiness(), ['storage: Storage is not available']);
  assert.ok((await read(storage, digest)).equals(bytes));
  await disk.remount('rw');
  assert.deepEqual(await storage.service.readiness(), []);
  await put(storage, randomBytes(1000));
  assert.deepEqual(await readdir(join(storage.folder, 'staging')), []);
});

test('is not available while its folder is away, never looks empty, and works again when it is back', async () => {
  await using storage = await startTestStorage();
  const bytes = randomBytes(3 * MIB);
  const digest = await put(storage, bytes);
  const gate = Promise.withResolvers<void>();
  async function* slow() {
    for await (const part of upload(randomBytes(3 * MIB), 10 * MIB)) {
      if (part.part?.$case === 'trailer') await gate.promise;
      yield part;
    }
  }
  const underWay = storage.rpc.putBlob(slow());
  underWay.catch(() => {});
  await eventually(async () => assert.equal((await readdir(join(storage.folder, 'staging'))).length, 1));
  await rename(storage.folder, `${storage.folder}-away`);
  gate.resolve();
  await assert.rejects(underWay, { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(put(storage, randomBytes(1000)), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store: '' })), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(read(storage, digest), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(storage.rpc.verifyBlob({ digest, store: '' }), { reason: 'SERVICE_UNAVAILABLE' });
  await assert.rejects(storage.rpc.deleteBlob({ key: { digest, derivation: '', store: '' }, withDerived: true }), { reason: 'SERVICE_UNAVAILABLE' });
  assert.deepEqual(await storage.service.readiness(), ['storage: Storage is not available']);
  await rename(`${storage.folder}-away`, storage.folder);
  assert.deepEqual(await storage.service.readiness(), []);
  assert.ok((await read(storage, digest)).equals(bytes));
  await put(storage, randomBytes(1000));
  // What was under way left its file in the folder that was away; it is nobody's now.
  const swept = await storage.rpc.sweepStaging({ begunBeforeMs: Date.now() + 1000, dryRun: false });
  assert.deepEqual(swept, { removedCount: 1, freedBytes: 3 * MIB });
  assert.deepEqual(await readdir(join(storage.folder, 'staging')), []);
});

/** A running storage service whose folder is on a small disk of its own; `undefined`, and the test skipped, where nobody may mount one. */
async function mountOrSkip(t: TestContext, minFreeBytes = 0) {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeTempDir());
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'medley-test', folder.path]);
  } catch {
    t.skip('a disk can’t be mounted here');
    return undefined;
  }
  opened.defer(async () => void (await run('umount', ['-l', folder.path])));
  const storage = opened.use(await startTestStorage('tcp', { data_dir: folder.path, storage: { kind: 'filesystem', min_free: minFreeBytes } }));
  const resources = opened.move();
  return {
    storage: { ...storage, folder: join(folder.path, 'blobs') },
    remount: (mode: 'ro' | 'rw') => run('mount', ['-o', `remount,${mode}`, folder.path]),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function put(storage: Pick<TestStorage, 'rpc'>, bytes: Uint8Array): Promise<string> {
  const { blob } = await storage.rpc.putBlob(upload(bytes, 100 * MIB));
  return blob?.digest ?? '';
}

async function putOverHttp(storage: Pick<TestStorage, 'rpc' | 'send'>, body: Uint8Array): Promise<{ status: number; reason: string }> {
  const { http } = await storage.rpc.locateUpload({ maxBytes: 100 * MIB, store: '' });
  const answer = await storage.send(http, { method: 'PUT', body });
  return { status: answer.status, reason: JSON.parse((await collectBytes(answer.body, 1000)).toString()).reason };
}

async function read(storage: Pick<TestStorage, 'rpc'>, digest: string): Promise<Buffer> {
  const chunks = await Array.fromAsync(storage.rpc.getBlob({ key: { digest, derivation: '', store: '' }, range: undefined }));
  return Buffer.concat(chunks.map(({ chunk }) => chunk));
}
