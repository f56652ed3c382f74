import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { ADMIN, byId } from './endpoints/admin/admin-calls.ts';
import { assertJson } from './harness/expect.ts';
import { call, type CallOptions, type Place } from './harness/http-call.ts';
import { downloadPath, readContentUri, thumbnailPath } from './harness/media-user.ts';
import { ReplicatedServices } from './harness/replicas.ts';
import { acquireRealStores, embeddedStores } from './harness/stores.ts';

/** How soon every gateway must know of what an admin has done at another. */
const BITES_WITHIN_MS = 2000;
const THUMBNAIL = { width: 96, height: 96, method: 'crop' };

/** What an admin does at one of two gateways, seen at both; each has everything in memory before. */
function bitesEverywhere(services: ReplicatedServices): void {
  const { site } = services;
  const places: readonly Place[] = services.gateways.map(({ port }) => ({ port, agent: site.agent }));
  const [first, second] = places;
  assert.ok(first !== undefined && second !== undefined);
  const byAdmin = async (place: Place, method: string, path: string) => assertJson(await call(place, `${ADMIN}${path}`, { method, token: admin.token }));
  const user = site.user().account;
  const admin = site.homeserver.addAdmin();

  async function upload(place: Place, body: Buffer): Promise<MxcUri> {
    return readContentUri(await call(place, '/_matrix/media/v3/upload', { method: 'POST', token: user.token, body, headers: { 'content-type': 'image/png' } }));
  }

  /** Every way to get at the bytes, at every gateway. */
  function everyWay({ origin, mediaId }: MxcUri): (() => Promise<number>)[] {
    const uri = { origin, mediaId };
    const ways: [string, CallOptions][] = [
      [downloadPath(uri), {}],
      [downloadPath(uri), { headers: { range: 'bytes=0-9' } }],
      [downloadPath(uri), { headers: { 'if-none-match': '*' } }],
      [downloadPath(uri), { method: 'HEAD' }],
      [thumbnailPath(uri), { query: THUMBNAIL }],
    ];
    return places.flatMap((place) => ways.map(([path, options]) => async () => (await call(place, path, { ...options, token: user.token })).status));
  }

  async function until(uris: readonly MxcUri[], isHidden: boolean): Promise<number> {
    const startedAt = performance.now();
    await eventually(async () => {
      for (const way of uris.flatMap(everyWay)) assert.equal((await way()) === 404, isHidden);
    }, BITES_WITHIN_MS, 10);
    return performance.now() - startedAt;
  }

  it('a quarantine, its end and a deletion at one gateway bite at both within 2 s, in every way to get at the bytes', async (t: TestContext) => {
    const body = paintPng(120, 90);
    const [uri, copy] = [await upload(first, body), await upload(second, body)];
    // the second time out of memory
    for (let round = 0; round < 2; round += 1) await until([uri, copy], false);
    const tookMs: number[] = [];
    await byAdmin(first, 'POST', byId(uri, 'quarantine/'));
    tookMs.push(await until([uri, copy], true));
    await byAdmin(second, 'POST', byId(copy, 'unquarantine/'));
    tookMs.push(await until([uri, copy], false));
    await byAdmin(second, 'DELETE', byId(uri));
    tookMs.push(await until([uri], true));
    await until([copy], false);
    t.diagnostic(`known everywhere after ${tookMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  });
}

const embedded = await ReplicatedServices.start(embeddedStores(), {});
describe('two gateways over SQLite and a folder', () => {
  after(() => embedded[Symbol.asyncDispose]());
  bitesEverywhere(embedded);
});

await describeRealService('two gateways over MongoDB and S3', startOnRealStores, bitesEverywhere);

async function startOnRealStores(): Promise<ReplicatedServices | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : ReplicatedServices.start(stores, {});
}
