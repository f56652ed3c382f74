import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LocatePublicBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { startTestGateway, TOKEN, type TestGateway } from './gateway.fixture.ts';

const DIGEST = 'ab'.repeat(32);
const SIZE = 2000;
const LOCATION = 'https://objects.example.org/there';
const CONFIG = {
  storage: { kind: 's3', endpoint: 'http://127.0.0.1:9', bucket: 'medley', access_key: 'a', secret_key: 'b', public_endpoint: 'https://objects.example.org' },
  downloads: { redirect: 'on', redirect_min_bytes: 1000 },
};

interface Scene extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** What storage was asked for. */
  readonly asked: LocatePublicBlobRequest[];
  get(headers?: Readonly<Record<string, string>>, method?: string): Promise<Response>;
}

/** A gateway that sends readers elsewhere, and a media that storage has in `sizeBytes`. */
async function start(beforeAnswer: (scene: TestGateway) => Promise<void> = async () => {}, sizeBytes = SIZE): Promise<Scene> {
  const asked: LocatePublicBlobRequest[] = [];
  const gateway: TestGateway = await startTestGateway({
    locatePublicBlob: async (request: LocatePublicBlobRequest) => {
      asked.push(request);
      await beforeAnswer(gateway);
      return { sizeBytes, http: { url: LOCATION, expiresAtMs: 0 } };
    },
  }, CONFIG);
  gateway.metadata.add('x', DIGEST, SIZE);
  const address = `${gateway.url}/_matrix/client/v1/media/download/a.example/x`;
  return {
    gateway,
    asked,
    get: (headers = {}, method = 'GET') => fetch(address, { method, redirect: 'manual', headers: { authorization: `Bearer ${TOKEN}`, ...headers } }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

describe('a large file in an object store', () => {
  it('is where its reader is sent, also for a part of it', async () => {
    await using scene = await start();
    for (const headers of [{}, { range: 'bytes=0-9' }] as const) {
      const answer = await scene.get(headers);
      assert.deepEqual([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')], [307, LOCATION, 'private, no-store']);
    }
    assert.deepEqual(scene.asked[0], { key: { digest: DIGEST, derivation: '', store: '' }, contentType: 'text/plain', contentDisposition: 'inline', ttlMs: 10_000 });
  });

  it('is not located for who asks only what it is, and not sent for by who has it', async () => {
    await using scene = await start();
    assert.equal((await scene.get({}, 'HEAD')).status, 200);
    assert.deepEqual(scene.asked, []);
    const answer = await scene.get({ 'if-none-match': `"${DIGEST}"` });
    assert.deepEqual([answer.status, answer.headers.get('location')], [304, null]);
  });

  it('is hidden if it was quarantined while it was located', async () => {
    await using scene = await start(async (gateway) => {
      gateway.metadata.quarantine('x', 'key');
      // what happened has been heard of when it bites elsewhere
      gateway.metadata.quarantine('other', 'key');
      await eventually(async () => assert.equal((await gateway.get('other', {}, 'HEAD')).status, 404));
    });
    const { metadata } = scene.gateway;
    metadata.add('other', DIGEST, 10);
    await eventually(async () => {
      const before = metadata.lookups;
      assert.equal((await scene.gateway.get('other', {}, 'HEAD')).status, 200);
      assert.equal(metadata.lookups, before, 'it was looked up');
    });
    const answer = await scene.get();
    assert.deepEqual([answer.status, answer.headers.get('location')], [404, null]);
  });

  it('is our fault if the store has another size of it, and nobody is sent there', async () => {
    await using scene = await start(undefined, SIZE - 1);
    const answer = await scene.get();
    assert.deepEqual([answer.status, answer.headers.get('location')], [500, null]);
  });
});
