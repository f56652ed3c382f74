import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { MediaState, type MediaContent } from '@medley/proto/metadata/media';
import type { RunningService } from '@medley/runtime/running-service';
import { makeTempDir } from '@medley/testing/temp-dir';
import { because, contentOf, HOUR_MS, ORIGIN, someone } from './ports/samples.contract.ts';
import { connectTo, reserve, start, type Client } from './running-service.fixture.ts';

const CONTENT: MediaContent = contentOf('a');
const UNTOUCHED = { quarantine: undefined, lost: false, previewImage: undefined, remote: false, protected: false, lastAccessMs: undefined };

describe('the metadata service', async () => {
  const folder = await makeTempDir();
  const socket = `unix://${join(folder.path, 'metadata.sock')}`;
  const data = { data_dir: folder.path };
  let onSocket: RunningService & AsyncDisposable;
  let onPort: RunningService & AsyncDisposable;
  let local: Client;
  let remote: Client;
  before(async () => {
    [onSocket, onPort] = [await start(socket, data), await start('127.0.0.1:0', data)];
    [local, remote] = [connectTo(socket), connectTo(onPort.addresses['grpc'] ?? '')];
  });
  after(async () => {
    for (const client of [local, remote]) client.close();
    for (const service of [onSocket, onPort]) await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('carries a media from its reservation to its look-up', async () => {
    const userId = someone();
    const unusedExpiresAtMs = Date.now() + HOUR_MS;
    const { record: pending } = await local.rpc.reserveMedia({ origin: ORIGIN, userId, unusedExpiresAtMs, maxPending: 5 });
    assert.ok(pending?.key !== undefined);
    const { key, createdAtMs } = pending;
    assert.deepEqual(pending, { ...UNTOUCHED, key, state: MediaState.PENDING, userId, createdAtMs, unusedExpiresAtMs, content: undefined });
    const { claim } = await remote.rpc.claimUpload({ key, userId, claimMs: 1000 });
    await local.rpc.abandonUpload({ key, claim });
    const { record } = await remote.rpc.commitUpload({ key, userId, content: CONTENT });
    assert.deepEqual(record, { ...UNTOUCHED, key, state: MediaState.AVAILABLE, userId, createdAtMs, unusedExpiresAtMs: undefined, content: CONTENT });
    assert.deepEqual(await local.rpc.resolveMedia({ key, waitMs: 0 }), { record });
    assert.deepEqual(await remote.rpc.resolveMedia({ key, waitMs: 1000 }), { record });
  });

  test('a whole upload is recorded under an id of its own', async () => {
    const content = { ...CONTENT, uploadName: undefined, contentType: '' };
    const { record } = await local.rpc.recordUpload({ origin: ORIGIN, userId: someone(), content });
    assert.deepEqual(record?.content, { ...content, contentType: 'application/octet-stream' });
    assert.deepEqual(await remote.rpc.batchGetMedia({ keys: [record.key ?? assert.fail('no key')] }), { results: [{ record, quarantine: undefined }] });
  });

  test('a batch answers in order; what is unknown or lapsed is absent', async () => {
    const userId = someone();
    const pending = await reserve(local, userId);
    const lapsed = await reserve(local, userId, -1);
    const unknown = { origin: 'elsewhere.example.org', mediaId: pending.mediaId };
    const { results } = await remote.rpc.batchGetMedia({ keys: [unknown, pending, lapsed, pending] });
    assert.deepEqual(results.map(({ record }) => record?.key), [undefined, pending, undefined, pending]);
  });

  test('a batch takes 1000 keys and no more', async () => {
    const key = await reserve(local, someone());
    const keys = Array.from({ length: 1000 }, () => key);
    assert.equal((await local.rpc.batchGetMedia({ keys })).results.length, 1000);
    await assert.rejects(local.rpc.batchGetMedia({ keys: [...keys, key] }), because('INVALID_PARAM'));
  });

  test('refusals keep their reasons over the wire', async () => {
    const userId = someone();
    const key = await reserve(local, userId);
    const unknown = { ...key, mediaId: 'unknown' };
    await assert.rejects(remote.rpc.resolveMedia({ key, waitMs: 0 }), because('NOT_YET_UPLOADED'));
    await assert.rejects(remote.rpc.resolveMedia({ key: unknown, waitMs: 1000 }), because('NOT_FOUND'));
    await assert.rejects(remote.rpc.claimUpload({ key: unknown, userId, claimMs: 1000 }), because('NOT_FOUND'));
    await assert.rejects(remote.rpc.claimUpload({ key, userId: someone(), claimMs: 1000 }), because('NOT_CREATOR'));
    await local.rpc.commitUpload({ key, userId, content: CONTENT });
    await assert.rejects(remote.rpc.commitUpload({ key, userId, content: CONTENT }), because('CANNOT_OVERWRITE'));
  });

  test('the limit of pending uploads says over the wire when to come back', async () => {
    const request = { origin: ORIGIN, userId: someone(), unusedExpiresAtMs: Date.now() + HOUR_MS, maxPending: 1 };
    await local.rpc.reserveMedia(request);
    await assert.rejects(remote.rpc.reserveMedia(request), (error: unknown) => {
      assert.ok(error instanceof MediaError && error.reason === 'PENDING_LIMIT');
      assert.ok(Math.abs(HOUR_MS - (error.retryAfterMs ?? 0)) < 60_000, `told to wait ${error.retryAfterMs} ms`);
      return true;
    });
  });

  test('a look-up waits for a commit that comes through the same process, or through another', async () => {
    const userId = someone();
    const key = await reserve(local, userId);
    const waits = [local, remote].map(({ rpc }) => rpc.resolveMedia({ key, waitMs: 30_000 }, { timeoutMs: 60_000 }));
    // Once calls sent after them are answered, the waits have arrived.
    for (const { rpc } of [local, remote]) await rpc.batchGetMedia({ keys: [key] });
    const { record } = await local.rpc.commitUpload({ key, userId, content: CONTENT });
    assert.deepEqual(await Promise.all(waits), [{ record }, { record }]);
  });

  test('a wait ends after its time, when the media id lapses, and with its caller’s deadline or signal', async () => {
    const key = await reserve(local, someone());
    await assert.rejects(local.rpc.resolveMedia({ key, waitMs: 50 }), because('NOT_YET_UPLOADED'));
    const lapsing = await reserve(local, someone(), 200);
    await assert.rejects(local.rpc.resolveMedia({ key: lapsing, waitMs: 30_000 }, { timeoutMs: 60_000 }), because('NOT_FOUND'));
    await assert.rejects(local.rpc.resolveMedia({ key, waitMs: 30_000 }, { timeoutMs: 100 }), because('TIMED_OUT'));
    const signal = AbortSignal.timeout(50);
    await assert.rejects(local.rpc.resolveMedia({ key, waitMs: 30_000 }, { signal }), { name: 'TimeoutError' });
  });

  test('a caller without the token is refused', async () => {
    using stranger = connectTo(socket, 'another token');
    await assert.rejects(stranger.rpc.batchGetMedia({ keys: [] }), /Internal error/);
    assert.deepEqual(await local.rpc.batchGetMedia({ keys: [] }), { results: [] });
  });

  test('it is ready while it has its store', async () => {
    assert.deepEqual(await onSocket.readiness(), []);
  });
});
