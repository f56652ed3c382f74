import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MediaContent, MediaKey, MediaRecord } from '@medley/proto/metadata/media';
import { because, ORIGIN, ownContent, someone } from '../ports/samples.contract.ts';
import { reserve } from '../running-service.fixture.ts';
import { useTwo } from '../two-services.fixture.ts';

const BY = '@admin:example.org';

describe('acts on media, over the wire', () => {
  const two = useTwo();

  const upload = async (content: MediaContent = ownContent()): Promise<{ key: MediaKey; record: MediaRecord }> => {
    const { record } = await two.here.recordUpload({ origin: ORIGIN, userId: someone(), content });
    assert.ok(record?.key !== undefined);
    return { key: record.key, record };
  };

  test('quarantined media is answered with who hid it and when; copies are as well, until it is released', async () => {
    const content = ownContent();
    const { key, record } = await upload(content);
    await two.here.setQuarantine({ keys: [key, key], digests: [], quarantined: true, by: BY });
    const { record: hidden } = await two.there.resolveMedia({ key, waitMs: 0 });
    assert.equal(hidden?.quarantine?.by, BY);
    assert.ok(Math.abs(hidden.quarantine.atMs - Date.now()) < 60_000);
    const copy = await upload(content);
    assert.equal(copy.record.quarantine?.by, BY);
    await two.there.setQuarantine({ keys: [], digests: [content.digest], quarantined: false, by: BY });
    assert.deepEqual(await two.here.batchGetMedia({ keys: [key] }), { results: [{ record, quarantine: undefined }] });
    assert.equal((await two.here.resolveMedia({ key: copy.key, waitMs: 0 })).record?.quarantine, undefined);
  });

  test('deleted media is not found, and only what was there is named', async () => {
    const { key } = await upload();
    const unknown = { ...key, mediaId: 'unknown' };
    assert.deepEqual(await two.there.deleteMedia({ keys: [key, unknown, key], by: BY }), { deleted: [key] });
    await assert.rejects(two.here.resolveMedia({ key, waitMs: 0 }), because('NOT_FOUND'));
    assert.deepEqual(await two.here.batchGetMedia({ keys: [key] }), { results: [{ record: undefined, quarantine: undefined }] });
    assert.deepEqual(await two.here.deleteMedia({ keys: [key], by: BY }), { deleted: [] });
  });

  test('whoever waits for a media id that is deleted is told so', async () => {
    const key = await reserve(two.client, someone());
    const wait = assert.rejects(two.here.resolveMedia({ key, waitMs: 60_000 }, { timeoutMs: 60_000 }), because('NOT_FOUND'));
    await two.there.deleteMedia({ keys: [key], by: BY });
    await wait;
  });

  test('lost bytes are told with their media, and their references', async () => {
    const content = ownContent();
    const { key } = await upload(content);
    await two.here.markBlobs({ store: '', digests: [content.digest], lost: true, by: 'scrub' });
    assert.equal((await two.there.resolveMedia({ key, waitMs: 0 })).record?.lost, true);
    const references = (await Array.fromAsync(two.there.listReferences({ store: '' }))).flatMap((page) => page.references);
    assert.deepEqual(references.find(({ digest }) => digest === content.digest), { digest: content.digest, sizeBytes: 1000, mediaCount: 1, lost: true });
    const rest = (await Array.fromAsync(two.there.listReferences({ store: '', after: references.at(-1)?.digest }))).flatMap((page) => page.references);
    assert.deepEqual(rest, []);
    assert.equal((await upload(content)).record.lost, false);
  });

  test('a blob goes from its condemnation to its end; meanwhile its bytes are refused', async () => {
    const content = ownContent();
    const blobs = [{ digest: content.digest, storedAtMs: 5 }];
    assert.deepEqual(await two.here.condemnBlobs({ store: '', blobs, dryRun: false }), { condemned: [content.digest] });
    assert.equal((await two.there.getUsage({})).condemnedCount, 1);
    const claimed = await two.there.claimRemovals({ store: '', waitMs: 0, claimMs: 60_000, limit: 1000, dryRun: false });
    assert.deepEqual(claimed, { removals: blobs, sparedCount: 0 });
    await assert.rejects(upload(content), because('SERVICE_UNAVAILABLE'));
    await two.here.finishRemovals({ store: '', digests: [content.digest] });
    await upload(content);
    assert.equal((await two.there.getUsage({})).condemnedCount, 0);
  });

  test('reserved ids that lapsed are counted, and expired', async () => {
    await reserve(two.client, someone(), -1000);
    const before = await two.there.getUsage({});
    assert.ok(before.lapsedCount >= 1);
    const expiry = { lapsedBeforeMs: Date.now(), limit: 1000 };
    assert.deepEqual(await two.here.expirePending({ ...expiry, dryRun: true }), { expiredCount: before.lapsedCount });
    assert.deepEqual(await two.here.expirePending({ ...expiry, dryRun: false }), { expiredCount: before.lapsedCount });
    assert.deepEqual(await two.there.getUsage({}), { ...before, lapsedCount: 0 });
  });
});
