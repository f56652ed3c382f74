import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { ADMIN, byId } from '../endpoints/admin/admin-calls.ts';
import { paramsOf } from '../endpoints/medley/medley-api.ts';
import { randomBody } from '../harness/bodies.ts';
import { describeExchange, exchange } from '../harness/exchange.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import { digestOf } from '../maintenance/bytes-on-disk.ts';
import { reportOf } from '../maintenance/medley-command.ts';
import { deleteMedia } from '../maintenance/stores.ts';
import type { TenantScene } from './scene.ts';
import { apiOf, LARGE_BYTES, TENANT_NAMES, whereIs, type TenantName } from './tenants.ts';

const DAMAGE = 3;

/** What the same bytes in several stores have to do with each other: nothing, but for bans. */
export function sharingCases(scene: TenantScene): void {
  const { site, tenants } = scene;

  async function uploadEverywhere(bytes: Buffer): Promise<Readonly<Record<TenantName, MxcUri>>> {
    const upload = (name: TenantName): Promise<MxcUri> => tenants[name].user().upload(bytes);
    return { a: await upload('a'), b: await upload('b'), c: await upload('c') };
  }

  it('the same bytes at three tenants are three blobs; what is removed of one leaves the others', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const uris = await uploadEverywhere(bytes);
    assert.deepEqual(await whereIs(scene, bytes), { a: 1, b: 1, c: 1 });
    await deleteMedia(site, uris.b);
    await reportOf(site, ['sweep', '--wait']);
    assert.deepEqual(await whereIs(scene, bytes), { a: 1, c: 1 });
    for (const name of ['a', 'c'] as const) assertBytes(await tenants[name].user().download(uris[name]), bytes);
    assert.deepEqual((await reportOf(site, ['scrub'])).findings, []);
    assertBytes(await tenants.b.user().download(await tenants.b.user().upload(bytes)), bytes);
  });

  it('a ban of bytes holds in all stores, for what is there and for what comes', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const [uris, params] = [await uploadEverywhere(bytes), { digest: digestOf(bytes) }];
    const moderator = apiOf(site, tenants.c);
    await moderator.call('medleyBanDigest', { params, body: { reason: 'illegal' } });
    const later = await tenants.b.user().upload(bytes);
    for (const uri of [...Object.values(uris), later]) await eventually(async () => assertError(await tenants.a.user().download(uri), 404, 'M_NOT_FOUND'));
    await moderator.call('medleyLiftDigestBan', { params });
    for (const name of TENANT_NAMES) await eventually(async () => assertBytes(await tenants[name].user().download(uris[name]), bytes));
  });

  it('a quarantine of one tenant’s media hides the same bytes of the others', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const uris = await uploadEverywhere(bytes);
    const moderator = apiOf(site, tenants.b);
    await moderator.on('medleyQuarantineMedia', uris.b);
    for (const uri of Object.values(uris)) await eventually(async () => assertError(await tenants.a.user().download(uri), 404, 'M_NOT_FOUND'));
    await moderator.on('medleyReleaseMedia', uris.b);
  });

  it('bytes that one store has lost are lost there, whatever others have; a scrub says where, and another upload there heals', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const [uris, digest, user] = [await uploadEverywhere(bytes), digestOf(bytes), tenants.b.user()];
    await tenants.b.disk.lose(digest);
    const { ports, agent } = site;
    const missed = await exchange({ port: ports.http, agent }, downloadPath(uris.b), { token: user.account.token, headers: { host: user.host } });
    assert.equal(describeExchange(missed), '500 M_UNKNOWN');
    assert.match(missed.head.toString(), /lost/);
    for (const name of ['a', 'c'] as const) assertBytes(await tenants[name].user().download(uris[name]), bytes);

    const { findings } = await reportOf(site, ['scrub'], { code: DAMAGE });
    assert.deepEqual(findings.map(({ kind, digest: named, store, media_count }) => [kind, named, store, media_count]), [['dangling', digest, 'b.example', 1]]);
    await reportOf(site, ['scrub', '--repair']);
    await eventually(async () => assertError(await user.download(uris.b), 404, 'M_NOT_FOUND'));
    for (const name of ['a', 'c'] as const) assertBytes(await tenants[name].user().download(uris[name]), bytes);

    assertBytes(await tenants.a.user().download(await tenants.a.user().upload(bytes)), bytes); // in another store: heals nothing
    assert.equal((await user.download(uris.b)).status, 404);
    await user.upload(bytes);
    await eventually(async () => assertBytes(await user.download(uris.b), bytes));
    assert.deepEqual((await reportOf(site, ['scrub'])).findings, []);
  });

  it('an admin of one tenant can’t touch another’s media', async () => {
    const bytes = randomBody(LARGE_BYTES);
    const [uri, stranger] = [await tenants.b.user().upload(bytes), tenants.a.admin()];
    assertError(await apiOf(site, tenants.a).try('medleyDeleteMedia', { params: paramsOf(uri) }), 404, 'M_NOT_FOUND');
    assert.equal((await stranger.call(`${ADMIN}${byId(uri)}`, { method: 'DELETE' })).status, 400);
    assertBytes(await tenants.b.user().download(uri), bytes);
  });
}
