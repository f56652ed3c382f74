import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { BUCKET_MS, type KeptPreview } from './preview-shelf.ts';
import { HOUR_MS, ownUpload, soon } from './samples.contract.ts';

/** What every store promises about previews of URLs. */
export function testPreviewShelf(replicas: Replicas, open: OpenStore): void {
  test('a preview is found from when it was fetched until it expires, by every process', async () => {
    const key = ownKey();
    const preview = previewAt(1_000_000_000, 'a');
    assert.deepEqual(await replicas.next().previews.put(key, preview, soon()), preview);
    const { fetchedAt, expiresAt } = preview;
    for (const { previews } of replicas.all()) {
      assert.deepEqual(await previews.get(key, fetchedAt, soon()), preview);
      assert.deepEqual(await previews.get(key, expiresAt - 1, soon()), preview);
      assert.equal(await previews.get(key, fetchedAt - 1, soon()), undefined);
      assert.equal(await previews.get(key, expiresAt, soon()), undefined);
      assert.equal(await previews.get(ownKey(), fetchedAt, soon()), undefined);
    }
  });

  test('of several in one bucket the first stays and is answered to all', async () => {
    const key = ownKey();
    const at = BUCKET_MS * 20_000;
    const contenders = ['a', 'b', 'c', 'd'].map((body, index) => previewAt(at + index, body));
    const kept = await Promise.all(contenders.map((preview) => replicas.next().previews.put(key, preview, soon())));
    assert.equal(new Set(kept.map(({ body }) => body)).size, 1);
    const later = await replicas.next().previews.put(key, previewAt(at + BUCKET_MS - 1, 'e'), soon());
    assert.deepEqual(later, kept[0]);
  });

  test('of several buckets the latest by the time that is asked for is found', async () => {
    const key = ownKey();
    const [first, second, failure] = [previewAt(BUCKET_MS * 10, 'first'), previewAt(BUCKET_MS * 12, 'second'), { ...previewAt(BUCKET_MS * 14, '{}'), failed: true }];
    for (const preview of [second, failure, first]) await replicas.next().previews.put(key, preview, soon());
    assert.deepEqual(await replicas.next().previews.get(key, BUCKET_MS * 11, soon()), first);
    assert.deepEqual(await replicas.next().previews.get(key, BUCKET_MS * 13, soon()), second);
    assert.deepEqual(await replicas.next().previews.get(key, BUCKET_MS * 15, soon()), failure);
  });

  test('previews whose time is over are removed, a limited number at once, and none in a dry run', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const keys = [ownKey(), ownKey(), ownKey()];
    while (await store.previews.expire({ expiredBefore: now, limit: 1000, isDryRun: false }, soon()) > 0);
    for (const key of keys) await store.previews.put(key, previewAt(now, key), soon());
    const expiry = { expiredBefore: now + 100 * HOUR_MS, limit: 2, isDryRun: false };
    assert.equal(await store.previews.expire(expiry, soon()), 0);
    now += 2 * HOUR_MS;
    assert.equal(await store.previews.expire({ ...expiry, isDryRun: true }, soon()), 2);
    for (const expected of [2, 1, 0]) assert.equal(await store.previews.expire(expiry, soon()), expected);
    for (const key of keys) assert.equal(await store.previews.get(key, now - HOUR_MS, soon()), undefined);
  });

  test('the image of a preview says when it may go, is found then unless it is protected, and is removed like any media', async () => {
    const expiresAt = Date.now() - HOUR_MS;
    const image = await replicas.next().record({ ...ownUpload(), expiresAt }, soon());
    const upload = await replicas.next().record(ownUpload(), soon());
    assert.equal(image.expiresAt, expiresAt);
    assert.ok(!('expiresAt' in upload));
    assert.deepEqual(await replicas.next().find([image.uri, upload.uri], soon()), [image, upload]);
    const { previews, acts } = replicas.next();
    const isFound = async (expiredBefore: number): Promise<boolean> => {
      const uris = await previews.findExpiredImages({ expiredBefore, limit: 1000 }, soon());
      assert.ok(!uris.some(({ mediaId }) => mediaId === upload.uri.mediaId));
      return uris.some(({ mediaId }) => mediaId === image.uri.mediaId);
    };
    assert.equal(await isFound(expiresAt), false);
    assert.equal(await isFound(expiresAt + 1), true);
    for (const isProtected of [true, false]) {
      await acts.setProtection({ uris: [image.uri], isProtected, by: 'test' }, soon());
      assert.equal(await isFound(expiresAt + 1), !isProtected);
    }
    await acts.delete({ uris: [image.uri], by: 'test' }, soon());
    assert.equal(await isFound(expiresAt + 1), false);
  });
}

function ownKey(): string {
  return randomBytes(32).toString('hex');
}

/** A preview that lives for an hour. */
function previewAt(fetchedAt: number, body: string): KeptPreview {
  return { body, failed: false, fetchedAt, expiresAt: fetchedAt + HOUR_MS };
}
