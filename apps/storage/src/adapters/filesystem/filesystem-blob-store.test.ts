import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { originalKey, parseBlobKey, type BlobKey } from '@medley/domain/blob-key';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { toBlobPath } from '../../blob-path.ts';
import { quietTools } from '../../quiet-tools.fixture.ts';
import { blobLifeContract } from '../../ports/blob-life.contract.ts';
import { blobStoreContract } from '../../ports/blob-store.contract.ts';
import { openFilesystemBlobStore } from './filesystem-blob-store.ts';

const NEVER = new AbortController().signal;
const UNLIMITED = { maxBytes: 2 ** 30 };

describe('blob store in a folder', () => {
  const open = async () => {
    const folder = await makeTempDir();
    const store = await openFilesystemBlobStore(folder.path, ...quietTools());
    return {
      store,
      partBytes: 1024 * 1024,
      leftovers: () => readdir(join(folder.path, 'staging')),
      names: () => readdir(folder.path, { recursive: true }),
      damage: (key: BlobKey, bytes: Uint8Array) => writeFile(join(folder.path, toBlobPath(key)), bytes),
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  };
  blobStoreContract(open);
  blobLifeContract(open);

  test('keeps a blob in a file of exactly its bytes that only its owner may read', async () => {
    await using opened = await openStore();
    const bytes = randomBytes(1000);
    const { digest } = await opened.put(bytes);
    const path = join(opened.root, 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest);
    assert.ok((await readFile(path)).equals(bytes));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test('dates a blob anew when its bytes are put again', async () => {
    await using opened = await openStore();
    const bytes = randomBytes(10);
    const key = originalKey((await opened.put(bytes)).digest);
    await utimes(join(opened.root, toBlobPath(key)), 1, 1);
    await opened.put(bytes);
    const [listed] = await Array.fromAsync(opened.store.list(undefined, NEVER));
    assert.ok((listed?.storedAtMs ?? 0) > Date.now() - 60_000);
  });

  test('clears away what a crashed process left a day ago, and nothing younger', async () => {
    await using folder = await makeTempDir();
    const staging = join(folder.path, 'staging');
    await mkdir(staging);
    for (const name of ['old', 'young']) await writeFile(join(staging, name), 'half a blob');
    const dayAgo = Date.now() / 1000 - 24 * 3600 - 60;
    await utimes(join(staging, 'old'), dayAgo, dayAgo);
    await openFilesystemBlobStore(folder.path, ...quietTools());
    assert.deepEqual(await readdir(staging), ['young']);
  });

  test('follows no symbolic link to a file outside of its folder', async () => {
    await using opened = await openStore();
    await using outside = await makeTempDir();
    const secret = join(outside.path, 'secret');
    await writeFile(secret, 'not a blob');
    const key = originalKey((await opened.put(randomBytes(10))).digest);
    const path = join(opened.root, toBlobPath(key));
    await rm(path);
    await symlink(secret, path);
    await assert.rejects(collectBytes(opened.store.open(key, undefined, NEVER), 100), { reason: 'SERVICE_UNAVAILABLE' });
    await assert.rejects(opened.store.stat(key, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
  });

  test('neither reads, writes nor deletes in a folder outside that a symbolic link leads to', async () => {
    await using opened = await openStore();
    await using outside = await makeTempDir();
    const bytes = randomBytes(10);
    const key = originalKey((await opened.put(bytes)).digest);
    const folder = dirname(join(opened.root, toBlobPath(key)));
    await rm(folder, { recursive: true });
    await symlink(outside.path, folder);
    await assert.rejects(opened.put(bytes), { reason: 'SERVICE_UNAVAILABLE' });
    assert.deepEqual(await readdir(outside.path), []);
    await writeFile(join(outside.path, key.digest), 'not a blob');
    await assert.rejects(opened.store.stat(key, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
    await assert.rejects(opened.store.delete(key, NEVER), { reason: 'SERVICE_UNAVAILABLE' });
    assert.deepEqual(await readdir(outside.path), [key.digest]);
  });

  test('removes the folder of a source together with its last derived blob', async () => {
    await using opened = await openStore();
    const key = parseBlobKey({ digest: 'ab'.repeat(32), derivation: 'only' });
    await opened.put(randomBytes(10), key);
    await opened.store.delete(key, NEVER);
    assert.deepEqual(await readdir(join(opened.root, 'derived', 'ab')), []);
  });

  test('keeps every derived blob that is put while others of its source are deleted', async () => {
    await using opened = await openStore();
    const keyOf = (name: string) => parseBlobKey({ digest: 'cd'.repeat(32), derivation: name });
    await Promise.all(Array.from({ length: 50 }, async (_, index) => {
      await opened.put(randomBytes(10), keyOf(`going-${index}`));
      await opened.store.delete(keyOf(`going-${index}`), NEVER);
      await opened.put(randomBytes(10), keyOf(`staying-${index}`));
    }));
    const left = await Array.fromAsync(opened.store.list(undefined, NEVER));
    assert.equal(left.filter(({ key }) => key.derivation.startsWith('staying')).length, 50);
    assert.equal(left.length, 50);
  });

  test('passes over what is not a blob when it lists', async () => {
    await using opened = await openStore();
    await writeFile(join(opened.root, 'blobs', 'README'), '');
    await mkdir(join(opened.root, 'blobs', 'lost+found'));
    await writeFile(join(opened.root, 'blobs', 'lost+found', 'x'), '');
    assert.deepEqual(await Array.fromAsync(opened.store.list(undefined, NEVER)), []);
  });

  test('closes its files when readers leave early and when uploads fail', { skip: process.platform !== 'linux' }, async () => {
    await using opened = await openStore();
    const key = originalKey((await opened.put(randomBytes(2_000_000))).digest);
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let round = 0; round < 20; round += 1) {
      for await (const _chunk of opened.store.open(key, undefined, NEVER)) break;
      await assert.rejects(opened.store.put(failing(), UNLIMITED, NEVER));
    }
    await eventually(async () => assert.ok((await openFiles()) < before + 5));
  });

  test('can not be used once its folder is gone', async () => {
    await using opened = await openStore();
    await rm(opened.root, { recursive: true });
    await assert.rejects(opened.store.check(NEVER), { reason: 'SERVICE_UNAVAILABLE' });
    await assert.rejects(opened.put(randomBytes(10)), { reason: 'SERVICE_UNAVAILABLE' });
  });
});

async function openStore() {
  const folder = await makeTempDir();
  const store = await openFilesystemBlobStore(folder.path, ...quietTools());
  return {
    store,
    root: folder.path,
    put: (bytes: Uint8Array, derivedKey?: ReturnType<typeof parseBlobKey>) => store.put(once(bytes), { ...UNLIMITED, derivedKey }, NEVER),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield randomBytes(2_000_000);
  throw new Error('the source broke');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
