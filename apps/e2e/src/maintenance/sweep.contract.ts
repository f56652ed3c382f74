import assert from 'node:assert/strict';
import { it } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { ArmedPoint, ARMING_FOLDER_VARIABLE, FAULTS_CONDITION } from '@medley/fault-points/arming';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { makeTempDir } from '@medley/testing/temp-dir';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes } from '../harness/expect.ts';
import type { System } from '../harness/system.ts';
import { bytesOf, digestOf } from './bytes-on-disk.ts';
import { reportOf, startMedley } from './medley-command.ts';
import { deleteMedia, putBlob, withMetadata } from './stores.ts';

const PICTURE = { width: 32, height: 32, method: 'crop' } as const;

/** What `medley sweep` does, on the stores of a running system with MAINTENANCE_CONFIG. */
export function sweepCases({ site, program }: System): void {
  const user = site.user();
  const disk = bytesOf(site);
  const namesWith = async (digest: string) => (await disk.names()).filter((name) => name.includes(digest));

  it('removes what nobody names, in two sweeps, and only that', async () => {
    const [kept, orphan] = [randomBody(5000), randomBody(7000)];
    const uri = await user.upload(kept);
    await putBlob(site, orphan);
    const first = await reportOf(site, ['sweep']);
    assert.ok(first.condemned >= 1);
    assert.equal((await namesWith(digestOf(orphan))).length, 1);
    const second = await reportOf(site, ['sweep']);
    assert.ok(second.removed >= 1 && second.freed_bytes >= orphan.byteLength, JSON.stringify(second));
    assert.deepEqual(await namesWith(digestOf(orphan)), []);
    assertBytes(await user.download(uri), kept);
    const third = await reportOf(site, ['sweep']);
    assert.deepEqual([third.condemned, third.removed, third.freed_bytes], [0, 0, 0]);
  });

  it('leaves bytes alone that were put within the grace', async () => {
    const young = randomBody(100);
    await putBlob(site, young);
    const env = { MEDLEY_MAINTENANCE__ORPHAN_GRACE: '1h' };
    for (let round = 0; round < 2; round += 1) assert.equal((await reportOf(site, ['sweep'], { env })).condemned, 0);
    assert.equal((await namesWith(digestOf(young))).length, 1);
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await namesWith(digestOf(young)), []);
  });

  it('removes thumbnails when their lifetime is over, and they are made anew when somebody asks', async () => {
    const picture = paintPng(130, 70);
    const uri = await user.upload(picture, { type: 'image/png' });
    const thumbnail = (await user.thumbnail(uri, PICTURE)).body;
    await eventually(async () => assert.equal((await namesWith(digestOf(picture))).length, 2));
    const env = { MEDLEY_MAINTENANCE__DERIVED_LIFETIME: '1ms' };
    assert.equal((await reportOf(site, ['sweep'])).derived_removed, 0);
    assert.ok((await reportOf(site, ['sweep', '--dry-run'], { env })).derived_removed >= 1);
    assert.equal((await namesWith(digestOf(picture))).length, 2);
    assert.ok((await reportOf(site, ['sweep'], { env })).derived_removed >= 1);
    assert.equal((await namesWith(digestOf(picture))).length, 1);
    // Of another size, since the gateway still holds the first: the sweep took nothing that is needed.
    assert.equal((await user.thumbnail(uri, { ...PICTURE, method: 'scale' })).status, 200);
    assert.ok((await user.thumbnail(uri, PICTURE)).body.equals(thumbnail));
  });

  it('frees the bytes of deleted media with its thumbnails, but not those that another record names', async () => {
    const [picture, shared] = [paintPng(120, 80), randomBody(3000)];
    const [pictureUri, one, other] = [await user.upload(picture, { type: 'image/png' }), await user.upload(shared), await user.upload(shared)];
    assert.equal((await user.thumbnail(pictureUri, PICTURE)).status, 200);
    await eventually(async () => assert.equal((await namesWith(digestOf(picture))).length, 2));
    await deleteMedia(site, pictureUri, one);
    const swept = await reportOf(site, ['sweep', '--wait']);
    assert.ok(swept.removed >= 1 && swept.freed_bytes > picture.byteLength, JSON.stringify(swept));
    assert.deepEqual(await namesWith(digestOf(picture)), []);
    assertBytes(await user.download(other), shared);
    await deleteMedia(site, other);
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await namesWith(digestOf(shared)), []);
  });

  it('removes what was derived from an original that is gone', async () => {
    const source = digestOf(randomBody(10));
    await putBlob(site, randomBody(50), { digest: source, derivation: 'crop-96x96' });
    await putBlob(site, randomBody(60), { digest: source, derivation: 'crop-32x32' });
    assert.equal((await namesWith(source)).length, 2);
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await namesWith(source), []);
  });

  it('a dry run says what would happen, and changes nothing', async () => {
    const orphan = randomBody(900);
    await putBlob(site, orphan);
    const before = await disk.names();
    for (let round = 0; round < 2; round += 1) {
      const dry = await reportOf(site, ['sweep', '--dry-run']);
      assert.deepEqual([dry.dry_run, dry.condemned, dry.removed], [true, 1, 0]);
    }
    assert.deepEqual((await disk.names()).toSorted(), before.toSorted());
    await reportOf(site, ['sweep']);
    assert.equal((await reportOf(site, ['sweep', '--dry-run'])).removed, 1);
    assert.equal((await namesWith(digestOf(orphan))).length, 1);
    await reportOf(site, ['sweep']);
  });

  it('two sweeps at once remove each blob once', async () => {
    const orphans = Array.from({ length: 12 }, () => randomBody(400));
    for (const orphan of orphans) await putBlob(site, orphan);
    await reportOf(site, ['sweep']);
    const [one, other] = await Promise.all([reportOf(site, ['sweep']), reportOf(site, ['sweep'])]);
    assert.equal(one.removed + other.removed, orphans.length);
    assert.equal(one.freed_bytes + other.freed_bytes, orphans.length * 400);
    for (const orphan of orphans) assert.deepEqual(await namesWith(digestOf(orphan)), []);
  });

  it('does not count what another sweep has removed between its look and its verdict', async () => {
    const gone = randomBody(300);
    await withMetadata(site, (rpc) => rpc.condemnBlobs({ store: COMMON_STORE, blobs: [{ digest: digestOf(gone), storedAtMs: Date.now() }], dryRun: false }));
    const swept = await reportOf(site, ['sweep']);
    assert.deepEqual([swept.removed, swept.failed, swept.freed_bytes], [0, 0, 0]);
    assertBytes(await user.download(await user.upload(gone)), gone); // nothing is left that would forbid it
  });

  it('an upload of the same bytes while a sweep removes them is served, or refused and served when it is sent again', async () => {
    await using faults = await makeTempDir();
    for (const point of ['sweep.condemned', 'sweep.claimed', 'sweep.removed'] as const) {
      const bytes = randomBody(2000);
      await putBlob(site, bytes);
      if (point !== 'sweep.condemned') await reportOf(site, ['sweep']);
      const armed = await ArmedPoint.arm(faults.path, point, 'pause');
      const sweeping = startMedley(site, ['sweep'], { env: { [ARMING_FOLDER_VARIABLE]: faults.path }, nodeArgs: [FAULTS_CONDITION] });
      await eventually(() => assert.ok(armed.isReached, point));
      const during = await user.tryUpload(bytes);
      assert.equal(during.status, point === 'sweep.condemned' ? 200 : 503, `${point}: ${during.body.toString()}`);
      await armed.release();
      assert.equal((await sweeping.ended).code, 0);
      const uri = await user.upload(bytes);
      for (let round = 0; round < 2; round += 1) await reportOf(site, ['sweep']);
      assertBytes(await user.download(uri), bytes);
    }
  });

  it('a sweep that is killed in the middle is finished by the next one', async () => {
    await using faults = await makeTempDir();
    for (const point of ['sweep.condemned', 'sweep.claimed', 'sweep.removed'] as const) {
      const orphan = randomBody(700);
      await putBlob(site, orphan);
      if (point !== 'sweep.condemned') await reportOf(site, ['sweep']);
      const armed = await ArmedPoint.arm(faults.path, point, 'kill');
      await startMedley(site, ['sweep'], { env: { [ARMING_FOLDER_VARIABLE]: faults.path }, nodeArgs: [FAULTS_CONDITION] }).ended;
      assert.ok(armed.isReached, point);
      const env = { MEDLEY_MAINTENANCE__REMOVAL_RETRY: '1ms' };
      for (let round = 0; round < 2; round += 1) await reportOf(site, ['sweep'], { env });
      assert.deepEqual(await namesWith(digestOf(orphan)), []);
      const uri = await user.upload(orphan); // nothing is left that would forbid it
      await deleteMedia(site, uri);
      await reportOf(site, ['sweep', '--wait']);
    }
  });

  it('clears what uploads left behind whose storage service was killed', async () => {
    const [pid] = program.pidsOf('storage').slice(-1);
    const [before, names] = [await site.blobs.originals(), await disk.names()];
    const stalled = Promise.withResolvers<void>();
    const upload = user.tryUpload(endless(stalled.promise)).catch(() => undefined);
    await eventually(async () => assert.ok((await disk.names()).length > names.length, 'nothing is in staging'));
    process.kill(pid ?? 0, 'SIGKILL');
    stalled.resolve();
    await upload;
    await eventually(() => assert.notEqual(program.pidsOf('storage').at(-1), pid));
    await eventually(async () => assert.deepEqual(await site.blobs.originals(), before));
    const leftBehind = (await disk.names()).filter((name) => name.includes('staging')).length;
    const dry = await reportOf(site, ['sweep', '--dry-run']);
    assert.ok(dry.staging_removed >= leftBehind);
    const swept = await reportOf(site, ['sweep']);
    assert.equal(swept.staging_removed, dry.staging_removed);
    assert.deepEqual((await disk.names()).filter((name) => name.includes('staging')), []);
    assert.deepEqual(await site.blobs.originals(), before);
  });
}

/** More than one part of a multipart upload, and then nothing until `end`. */
async function* endless(end: Promise<void>): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk < 40; chunk += 1) yield randomBody(512 * 1024);
  await end;
  throw new Error('the client has left');
}
