import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paramsOf } from '../endpoints/medley/medley-api.ts';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { digestOf } from '../maintenance/bytes-on-disk.ts';
import { reportOf } from '../maintenance/medley-command.ts';
import { putBlob } from '../maintenance/stores.ts';
import { DUE_TYPE, type TenantScene } from './scene.ts';
import { apiOf, LARGE_BYTES, TENANT_NAMES, whereIs, type TenantName } from './tenants.ts';

const SIZE = 1000;

/** What maintenance does in several stores, and what one tenant keeps for how long. */
export function keepingCases(scene: TenantScene): void {
  const { site, tenants } = scene;

  it('two sweeps at once remove what no record names from every store, each blob once', async () => {
    const orphans = Array.from({ length: 4 }, () => randomBody(SIZE));
    for (const bytes of orphans) for (const name of TENANT_NAMES) await putBlob(site, bytes, { store: tenants[name].store });
    for (const bytes of orphans) assert.deepEqual(await whereIs(scene, bytes), { a: 1, b: 1, c: 1 });
    assert.ok((await reportOf(site, ['scrub'])).orphans >= 12);
    await reportOf(site, ['sweep']);
    const reports = await Promise.all([reportOf(site, ['sweep']), reportOf(site, ['sweep'])]);
    assert.equal(reports.reduce((sum, { removed }) => sum + removed, 0), 12);
    assert.equal(reports.reduce((sum, { freed_bytes: freed }) => sum + freed, 0), 12 * SIZE);
    for (const bytes of orphans) assert.deepEqual(await whereIs(scene, bytes), {});
  });

  it('what no record of a tenant names is swept from its store, though records of others name the same bytes', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const uri = await tenants.a.user().upload(bytes);
    await putBlob(site, bytes, { store: tenants.c.store });
    assert.deepEqual(await whereIs(scene, bytes), { a: 1, c: 1 });
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await whereIs(scene, bytes), { a: 1 });
    assertBytes(await tenants.a.user().download(uri), bytes);
  });

  it('what is derived goes with its source, in each store by itself', async () => {
    const source = randomBody(SIZE);
    await tenants.a.user().upload(source);
    for (const name of ['a', 'b'] as const) await putBlob(site, randomBody(50), { store: tenants[name].store, digest: digestOf(source), derivation: 'crop-32x32' });
    assert.deepEqual(await whereIs(scene, source), { a: 2, b: 1 });
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await whereIs(scene, source), { a: 2 });
  });

  it('what is stored is counted in each store', async () => {
    const before = await reportOf(site, ['stats']);
    const bytes = randomBody(SIZE);
    for (const name of TENANT_NAMES) await tenants[name].user().upload(bytes);
    const after = await reportOf(site, ['stats']);
    assert.deepEqual([after.originals - before.originals, after.original_bytes - before.original_bytes, after.media - before.media], [3, 3 * SIZE, 3]);
  });

  it('a rule of one tenant removes its old media and nobody else’s', async () => {
    const upload = (name: TenantName): Promise<MxcUri> => tenants[name].user().upload(randomBody(SIZE), { type: DUE_TYPE });
    const uris = { a: await upload('a'), b: await upload('b'), c: await upload('c') };
    const { rules } = await reportOf(site, ['retention']);
    const taken = rules.filter(({ media_count }) => media_count > 0);
    assert.equal(taken.length, 1, JSON.stringify(rules));
    assert.match(taken[0]?.name ?? '', /b\.example.*due/);
    for (const name of ['a', 'c'] as const) assert.equal((await tenants[name].user().download(uris[name])).status, 200);
    await eventually(async () => assertError(await tenants.b.user().download(uris.b), 404, 'M_NOT_FOUND'));
  });

  it('what an admin deletes waits in the trash as long as its tenant says', async () => {
    const [bytes, gone] = [randomBody(LARGE_BYTES), randomBody(LARGE_BYTES)];
    const [kept, lost] = [await tenants.a.user().upload(bytes), await tenants.b.user().upload(gone)];
    const [ofA, ofB] = [apiOf(site, tenants.a), apiOf(site, tenants.b)];
    await ofA.on('medleyDeleteMedia', kept);
    await ofB.on('medleyDeleteMedia', lost);
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual([await whereIs(scene, bytes), await whereIs(scene, gone)], [{ a: 1 }, {}]);
    await ofA.on('medleyRestoreMedia', kept);
    assertError(await ofB.try('medleyRestoreMedia', { params: paramsOf(lost) }), 404, 'M_NOT_FOUND');
    await eventually(async () => assertBytes(await tenants.a.user().download(kept), bytes));
  });
}
