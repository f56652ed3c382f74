import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { useService } from '../one-service.fixture.ts';
import { HOUR_MS, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';

describe('URL previews by RPC', () => {
  const client = useService();

  test('are kept and found', async () => {
    const key = ownContent().digest;
    const preview = { body: '{"og:title":"x"}', failed: false, fetchedAtMs: Date.now(), expiresAtMs: Date.now() + HOUR_MS };
    assert.deepEqual((await client.rpc.putUrlPreview({ key, preview })).preview, preview);
    assert.deepEqual((await client.rpc.getUrlPreview({ key, atMs: Date.now() })).preview, preview);
    assert.equal((await client.rpc.getUrlPreview({ key, atMs: 1 })).preview, undefined);
  });

  test('expire with their images, and those who watch are told of the images', async () => {
    const request = { origin: ORIGIN, userId: someone(), content: ownContent() };
    const { record } = await client.rpc.recordUpload({ ...request, previewImage: { expiresAtMs: 1 } });
    assert.deepEqual(record?.previewImage, { expiresAtMs: 1, url: undefined });
    const upload = (await client.rpc.recordUpload({ ...request, content: ownContent() })).record;
    assert.equal(upload?.previewImage, undefined);
    await client.rpc.putUrlPreview({ key: ownContent().digest, preview: { body: '{}', failed: true, fetchedAtMs: 1, expiresAtMs: 2 } });
    const dry = await client.rpc.expireUrlPreviews({ expiredBeforeMs: Date.now(), limit: 10, dryRun: true });
    assert.deepEqual(dry, { previewCount: 1, imageCount: 1 });
    assert.deepEqual(await client.rpc.expireUrlPreviews({ expiredBeforeMs: Date.now(), limit: 10, dryRun: false }), dry);
    assert.deepEqual(await client.rpc.expireUrlPreviews({ expiredBeforeMs: Date.now(), limit: 10, dryRun: false }), { previewCount: 0, imageCount: 0 });
    for await (const { changes } of client.rpc.watchChanges({ after: 0 })) {
      if (changes.length === 0) continue;
      assert.deepEqual(changes.map(({ kind, subject }) => [kind, subject]), [[ChangeKind.DELETED, { $case: 'key', value: record?.key }]]);
      break;
    }
  });
});
