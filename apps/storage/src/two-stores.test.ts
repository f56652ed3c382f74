import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PutBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { acquireS3 } from '@medley/tool-real-services/s3';
import { describeRealService } from '@medley/tool-real-services/skip';
import { newBucket, removeBucket } from './adapters/s3/bucket.fixture.ts';
import { header, startTestStorage, trailer, upload, type TestStorage } from './app.fixture.ts';
import { HOMESERVERS, OWN, twoStoresContract } from './two-stores.contract.ts';

/** A service with a folder of its own for one tenant, and that folder. */
async function openFolders(): Promise<TestStorage & { readonly ownFolder: string }> {
  await using opened = new AsyncDisposableStack();
  const ownFolder = join(opened.use(await makeTempDir()).path, 'of', 'own');
  const storage = opened.use(await startTestStorage('tcp', { storage: { kind: 'filesystem', shared: false }, homeservers: HOMESERVERS({ path: ownFolder }) }));
  const resources = opened.move();
  return { ...storage, ownFolder, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

describe('two folders', () => twoStoresContract(openFolders));

await describeRealService('two stores on S3', acquireS3, (s3) => {
  for (const where of ['two buckets', 'one bucket, under a prefix of its own'] as const) {
    void describe(where, () => twoStoresContract(async () => {
      const [{ client, bucket, endpoint, region, accessKey, secretKey }, other] = [newBucket(s3), newBucket(s3)];
      const own = where === 'two buckets' ? { bucket: other.bucket } : { prefix: 'own/' };
      const common = { kind: 's3', endpoint, region, bucket, access_key: accessKey, secret_key: secretKey };
      const storage = await startTestStorage('tcp', { storage: common, homeservers: HOMESERVERS(own) });
      for (const store of ['', OWN]) await eventually(() => storage.rpc.listBlobs({ after: undefined, store })[Symbol.asyncIterator]().next(), 20_000);
      return {
        ...storage,
        async [Symbol.asyncDispose]() {
          await storage[Symbol.asyncDispose]();
          for (const name of 'bucket' in own ? [bucket, own.bucket] : [bucket]) await removeBucket(client, name);
        },
      };
    }));
  }
});

const DIGEST = 'ab'.repeat(32);
const CALLS: readonly (readonly [string, (rpc: TestStorage['rpc'], store: string) => Promise<unknown>])[] = [
  ['PutBlob', (rpc, store) => rpc.putBlob(upload(randomBytes(10), 10, undefined, store))],
  ['PutBlob of a derived blob', (rpc, store) => rpc.putBlob(upload(randomBytes(10), 10, { digest: DIGEST, derivation: 'x', store }))],
  ['GetBlob', (rpc, store) => Array.fromAsync(rpc.getBlob({ key: { digest: DIGEST, derivation: '', store }, range: undefined }))],
  ['LocateBlob', (rpc, store) => rpc.locateBlob({ key: { digest: DIGEST, derivation: '', store }, inlineMaxBytes: 0, acceptPath: true })],
  ['LocatePublicBlob', (rpc, store) => rpc.locatePublicBlob({ key: { digest: DIGEST, derivation: '', store }, contentType: 'a/b', contentDisposition: 'inline', ttlMs: 1000 })],
  ['LocateUpload', (rpc, store) => rpc.locateUpload({ maxBytes: 10, store })],
  ['StatBlob', (rpc, store) => rpc.statBlob({ key: { digest: DIGEST, derivation: '', store } })],
  ['VerifyBlob', (rpc, store) => rpc.verifyBlob({ digest: DIGEST, store })],
  ['DeleteBlob', (rpc, store) => rpc.deleteBlob({ key: { digest: DIGEST, derivation: '', store }, withDerived: true })],
  ['ListBlobs', (rpc, store) => Array.fromAsync(rpc.listBlobs({ after: undefined, store }))],
  ['CheckStore', (rpc, store) => rpc.checkStore({ store })],
];

test('no call takes the name of a store that is not configured, nor one that is no name', async () => {
  await using storage = await openFolders();
  for (const [name, call] of CALLS) {
    for (const store of ['other.example', 'OWN.example', '../own.example', ' ']) await assert.rejects(call(storage.rpc, store), { reason: 'INVALID_PARAM' }, `${name} of ${store}`);
  }
});

test('refuses a body for a store that is not configured before it comes', async () => {
  await using storage = await openFolders();
  async function* parts(): AsyncGenerator<PutBlobRequest> {
    yield header(10, undefined, 'other.example');
    await new Promise(() => {});
    yield trailer(0);
  }
  await assert.rejects(storage.rpc.putBlob(parts(), { timeoutMs: 10_000 }), { reason: 'INVALID_PARAM' });
});

test('a signed URL of one store opens the same digest in no other', async () => {
  await using storage = await openFolders();
  const bytes = randomBytes(100);
  for (const store of ['', OWN]) await storage.rpc.putBlob(upload(bytes, 100, undefined, store));
  const digest = (await Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store: '' })))[0]?.key?.digest ?? '';
  for (const store of ['', OWN]) {
    const { location } = await storage.rpc.locateBlob({ key: { digest, derivation: '', store }, inlineMaxBytes: 0, acceptPath: false });
    const { http } = await storage.rpc.locateUpload({ maxBytes: 100, store });
    assert.ok(location?.$case === 'http' && http !== undefined);
    for (const [method, genuine] of [['GET', location.value], ['PUT', http]] as const) {
      const forged = store === '' ? genuine.url.replace('?', `?store=${OWN}&`) : genuine.url.replace(`store=${OWN}&`, '');
      assert.notEqual(forged, genuine.url);
      const ask = async (url: string) => {
        const { status, body } = await storage.send({ ...genuine, url }, method === 'PUT' ? { method, body: bytes } : { method });
        body.destroy();
        return status;
      };
      assert.deepEqual([await ask(genuine.url), await ask(forged)], [200, 403], `${method} of “${store}”`);
    }
  }
});

test('tells the path of a file in the folder of its store to who mounts it', async () => {
  await using own = await makeTempDir();
  await using storage = await startTestStorage('tcp', { homeservers: HOMESERVERS({ path: own.path }) });
  const { blob } = await storage.rpc.putBlob(upload(randomBytes(100), 100, undefined, OWN));
  const key = { digest: blob?.digest ?? '', derivation: '', store: OWN };
  const { location } = await storage.rpc.locateBlob({ key, inlineMaxBytes: 0, acceptPath: true });
  assert.ok(location?.$case === 'path' && location.value.startsWith(`${own.path}/blobs/`));
});

test('sweeps what unfinished uploads left in every store, and sums it up', async () => {
  await using storage = await openFolders();
  const folders = [storage.folder, storage.ownFolder].map((folder) => join(folder, 'staging'));
  for (const folder of folders) {
    await writeFile(join(folder, 'old'), 'half a blob');
    await utimes(join(folder, 'old'), 1000, 1000);
  }
  const begunBeforeMs = Date.now() - 60_000;
  for (const dryRun of [true, false]) assert.deepEqual(await storage.rpc.sweepStaging({ begunBeforeMs, dryRun }), { removedCount: 2, freedBytes: 22 });
  for (const folder of folders) assert.deepEqual(await readdir(folder), []);
});

test('does not start where two stores are one folder by two names', async () => {
  await using folder = await makeTempDir();
  const [real, link] = [join(folder.path, 'real'), join(folder.path, 'link')];
  await mkdir(real);
  await symlink(real, link);
  const homeservers = [{ server_name: 'a.example', storage: { path: real } }, { server_name: 'b.example', storage: { path: link } }];
  await assert.rejects(startTestStorage('tcp', { homeservers }), /storage\.path of b\.example: is the folder of a\.example by another name/);
});

const stateOf = ({ service }: TestStorage, name: string) => service.dependencies?.map((one) => one.state).find((one) => one.name === name);
const away = { reason: 'SERVICE_UNAVAILABLE' };

/** Every use of one store fails, so nothing of what lies there can be removed. */
async function assertClosed(storage: TestStorage, store: string): Promise<void> {
  await assert.rejects(storage.rpc.checkStore({ store }), away);
  await assert.rejects(storage.rpc.putBlob(upload(randomBytes(10), 10, undefined, store)), away);
  await assert.rejects(Array.fromAsync(storage.rpc.listBlobs({ after: undefined, store })), away);
  await assert.rejects(storage.rpc.sweepStaging({ begunBeforeMs: Date.now(), dryRun: false }), away);
}

describe('a place that is not the store’s own', () => {
  test('a folder with the blobs of somebody else is not taken for a tenant’s, and stays as it is', async () => {
    await using other = await openFolders();
    const { blob } = await other.rpc.putBlob(upload(randomBytes(10), 10));
    const before = await readdir(other.folder, { recursive: true });
    await using storage = await startTestStorage('tcp', { homeservers: HOMESERVERS({ path: other.folder }) });
    await assertClosed(storage, OWN);
    assert.deepEqual([stateOf(storage, `filesystem of ${OWN}`)?.state, await storage.service.readiness()], ['failing', []]);
    assert.deepEqual(await readdir(other.folder, { recursive: true }), before);
    await storage.rpc.putBlob(upload(randomBytes(10), 10));
    await other.rpc.statBlob({ key: { digest: blob?.digest ?? '', derivation: '', store: '' } });
  });

  test('a folder of one tenant is not taken for another’s', async () => {
    await using first = await openFolders();
    await using storage = await startTestStorage('tcp', { homeservers: [{ server_name: OWN }, { server_name: 'other.example', storage: { path: first.ownFolder } }] });
    await assertClosed(storage, 'other.example');
    await first.rpc.putBlob(upload(randomBytes(10), 10, undefined, OWN));
  });
});

await describeRealService('a bucket that is not the store’s own', acquireS3, (s3) => {
  test('is taken neither as a tenant’s nor as the common one', async () => {
    const [{ client, bucket, endpoint, region, accessKey, secretKey }, other] = [newBucket(s3), newBucket(s3)];
    const on = (name: string) => ({ kind: 's3', endpoint, region, bucket: name, access_key: accessKey, secret_key: secretKey });
    await using resources = new AsyncDisposableStack();
    for (const name of [bucket, other.bucket]) resources.defer(() => removeBucket(client, name));
    const start = async (common: string, own: string): Promise<TestStorage> => startTestStorage('tcp', { storage: on(common), homeservers: HOMESERVERS({ bucket: own }) });
    {
      await using storage = await start(bucket, other.bucket);
      for (const store of ['', OWN]) await eventually(() => storage.rpc.putBlob(upload(randomBytes(10), 10, undefined, store)), 20_000);
    }
    await using storage = await start(other.bucket, bucket);
    for (const store of ['', OWN]) await assertClosed(storage, store);
    assert.equal((await storage.service.readiness()).length, 1);
  });
});

describe('a tenant’s own store that can’t be used', () => {
  test('is shown and makes requests for it fail, but nobody else’s', async () => {
    await using storage = await openFolders();
    assert.deepEqual(await storage.rpc.checkStore({ store: OWN }), {});
    await rm(storage.ownFolder, { recursive: true });
    assert.deepEqual(await storage.service.readiness(), []);
    await assert.rejects(storage.rpc.putBlob(upload(randomBytes(10), 10, undefined, OWN)), away);
    await assert.rejects(storage.rpc.statBlob({ key: { digest: DIGEST, derivation: '', store: OWN } }), away);
    await storage.rpc.putBlob(upload(randomBytes(10), 10));
    await assert.rejects(storage.rpc.sweepStaging({ begunBeforeMs: Date.now(), dryRun: false }), away);
  });

  test('keeps nobody from starting, and is used as soon as it is there', async () => {
    await using folder = await makeTempDir();
    await writeFile(join(folder.path, 'disk'), 'not a folder yet');
    const own = join(folder.path, 'disk', 'own');
    await using storage = await startTestStorage('tcp', { homeservers: HOMESERVERS({ path: own }) });
    assert.deepEqual(await storage.service.readiness(), []);
    await eventually(() => assert.deepEqual([stateOf(storage, `filesystem of ${OWN}`)?.state, stateOf(storage, `filesystem of ${OWN}`)?.required], ['failing', false]));
    assert.equal(stateOf(storage, 'filesystem')?.state, 'ok');
    await assert.rejects(storage.rpc.checkStore({ store: OWN }), away);
    await assert.rejects(storage.rpc.putBlob(upload(randomBytes(10), 10, undefined, OWN)), away);
    await storage.rpc.checkStore({});
    await rm(join(folder.path, 'disk'));
    await mkdir(join(folder.path, 'disk'));
    const { blob } = await storage.rpc.putBlob(upload(randomBytes(10), 10, undefined, OWN));
    const digest = blob?.digest ?? '';
    await access(join(own, 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest));
  });
});
