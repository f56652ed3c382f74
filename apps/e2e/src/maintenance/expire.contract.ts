import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { Site } from '../harness/site.ts';
import type { System } from '../harness/system.ts';
import { digestOf } from './bytes-on-disk.ts';
import { putBlob, withMetadata } from './stores.ts';
import { reportOf } from './medley-command.ts';

const BY = '@admin:e2e.example';

/** What `medley expire` and `medley stats` do, on the stores of a running system with MAINTENANCE_CONFIG. */
export function expireCases({ site }: System): void {
  it('removes reserved media ids once they have lapsed longer than the grace, and says so before in a dry run', async () => {
    const user = site.user();
    const uris = [await user.create(), await user.create(), await user.create()];
    await eventually(() => assert.ok(Date.now() > Math.max(...uris.map(({ expiresAt }) => expiresAt))));
    assert.equal((await reportOf(site, ['expire'], { env: { MEDLEY_MAINTENANCE__PENDING_GRACE: '1h' } })).expired, 0);
    const dry = await reportOf(site, ['expire', '--dry-run']);
    const done = await reportOf(site, ['expire']);
    assert.ok(done.expired >= uris.length && dry.expired === done.expired, `${dry.expired}, then ${done.expired}`);
    assert.equal((await reportOf(site, ['expire'])).expired, 0);
    const [uri] = uris;
    if (uri !== undefined) assertError(await user.put(uri, 'late'), 404, 'M_NOT_FOUND');
  });

  it('removes URL previews and their images once their time is over, and the next sweep their bytes', async () => {
    const user = site.user();
    const digest = await storeImage(site);
    const [gone, kept] = [await recordImage(site, digest, Date.now() - 1), await recordImage(site, await storeImage(site), Date.now() + 3_600_000)];
    const preview = { body: '{}', failed: false, fetchedAtMs: 1, expiresAtMs: 2 };
    await withMetadata(site, (rpc) => rpc.putUrlPreview({ key: digest, preview }));
    const dry = await reportOf(site, ['expire', '--dry-run']);
    const done = await reportOf(site, ['expire']);
    assert.ok(done.previews >= 1 && done.preview_images === 1, JSON.stringify(done));
    assert.deepEqual([dry.previews, dry.preview_images], [done.previews, done.preview_images]);
    assertError(await user.download(gone), 404, 'M_NOT_FOUND');
    assert.equal((await user.download(kept)).status, 200);
    await reportOf(site, ['sweep', '--wait']);
    assert.ok(!(await site.blobs.originals()).includes(digest));
  });

  it('empties the trash of what has waited for long enough, and the next sweep removes its bytes', async () => {
    const user = site.user();
    const [due, kept] = [randomBody(400), randomBody(400)];
    const [gone, waiting] = [await user.upload(due), await user.upload(kept)];
    await trash(site, gone, 1);
    await trash(site, waiting, 3_600_000);
    for (const uri of [gone, waiting]) assertError(await user.download(uri), 404, 'M_NOT_FOUND');
    const dry = await reportOf(site, ['expire', '--dry-run']);
    const done = await reportOf(site, ['expire']);
    assert.deepEqual([dry.purged, done.purged, (await reportOf(site, ['expire'])).purged], [1, 1, 0]);
    await reportOf(site, ['sweep', '--wait']);
    const originals = await site.blobs.originals();
    assert.deepEqual([due, kept].map((bytes) => originals.includes(digestOf(bytes))), [false, true]);
    const keys = [gone, waiting].map(({ origin, mediaId }) => ({ origin, mediaId }));
    const { restored } = await withMetadata(site, (rpc) => rpc.restoreMedia({ keys, by: BY }));
    assert.deepEqual(restored, keys.slice(1));
    assertBytes(await user.download(waiting), kept);
  });

  it('counts media, bytes and what is stored only once', async () => {
    const user = site.user();
    const before = await reportOf(site, ['stats']);
    const shared = randomBody(10_000);
    for (const bytes of [shared, shared, shared, randomBody(500)]) await user.upload(bytes);
    const after = await reportOf(site, ['stats']);
    const grown = (key: 'media' | 'media_bytes' | 'saved_bytes' | 'originals' | 'original_bytes'): number => after[key] - before[key];
    assert.deepEqual([grown('media'), grown('media_bytes'), grown('saved_bytes')], [4, 30_500, 20_000]);
    assert.deepEqual([grown('originals'), grown('original_bytes'), after.staging], [2, 10_500, 0]);
  });

  it('tells what each kind of media takes', async () => {
    const user = site.user();
    const local = async () => (await reportOf(site, ['stats', '--by', 'kind'])).groups.find(({ name }) => name === 'local') ?? { media: 0, media_bytes: 0 };
    const before = await local();
    await user.upload(randomBody(700));
    const after = await local();
    assert.deepEqual([after.media - before.media, after.media_bytes - before.media_bytes], [1, 700]);
  });
}

function trash(site: Site, { origin, mediaId }: MxcUri, trashMs: number): Promise<unknown> {
  return withMetadata(site, (rpc) => rpc.deleteMedia({ keys: [{ origin, mediaId }], by: BY, trashMs }));
}

/** Stores bytes that no other test has, and answers their digest. */
async function storeImage(site: Site): Promise<string> {
  const bytes = randomBody(300);
  await putBlob(site, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

/** Records stored bytes as the image of a URL preview. */
async function recordImage(site: Site, digest: string, expiresAtMs: number): Promise<MxcUri> {
  const content = { digest, store: COMMON_STORE, sizeBytes: 300, contentType: 'image/png', uploadName: undefined, frozen: true };
  const request = { origin: site.serverName, userId: `@someone:${site.serverName}`, content, previewImage: { expiresAtMs } };
  const { record } = await withMetadata(site, (rpc) => rpc.recordUpload(request));
  return parseMxcParts(record?.key?.origin ?? '', record?.key?.mediaId ?? '');
}
