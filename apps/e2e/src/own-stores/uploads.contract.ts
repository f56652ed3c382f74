import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { startWeb } from '@medley/testing/scripted-web';
import { PREVIEW_URL } from '../endpoints/url-preview.ts';
import { ask, servedDownload } from '../federation/serving-scene.ts';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertJson } from '../harness/expect.ts';
import type { TenantScene } from './scene.ts';
import { LARGE_BYTES, TENANT_NAMES, whereIs, type TenantName } from './tenants.ts';

/** More than one part of a multipart upload. */
const MULTIPART_BYTES = 9 * 2 ** 20;
const CROP = { width: 64, height: 64, method: 'crop' } as const;

/** Into which store bytes go. */
export function uploadCases(scene: TenantScene): void {
  const { site, tenants, remote } = scene;

  it('what a tenant’s users upload lies in the tenant’s store and nowhere else, at once or in two steps, small or in parts', async () => {
    for (const name of TENANT_NAMES) {
      const user = tenants[name].user();
      for (const bytes of [randomBody(500), randomBody(LARGE_BYTES), randomBody(MULTIPART_BYTES)]) {
        assertBytes(await user.download(await user.upload(bytes)), bytes);
        assert.deepEqual(await whereIs(scene, bytes), { [name]: 1 });
      }
      const [pending, bytes] = [await user.create(), randomBody(LARGE_BYTES)];
      assertJson(await user.put(pending, bytes));
      assertBytes(await user.download(pending), bytes);
      assert.deepEqual(await whereIs(scene, bytes), { [name]: 1 });
    }
  });

  it('no bytes at all are kept by each store for itself', async () => {
    const expected: Partial<Record<TenantName, number>> = {};
    for (const name of ['b', 'c', 'a'] as const) {
      const user = tenants[name].user();
      assertBytes(await user.download(await user.upload(Buffer.alloc(0))), Buffer.alloc(0));
      expected[name] = 1;
      assert.deepEqual(await whereIs(scene, Buffer.alloc(0)), expected);
    }
  });

  it('thumbnails lie where their picture does, those made ahead and those that were asked for', async () => {
    for (const [index, name] of TENANT_NAMES.entries()) {
      const user = tenants[name].user();
      const picture = paintPng(900 + index, 700);
      const uri = await user.upload(picture, { type: 'image/png' });
      await eventually(async () => assert.deepEqual(await whereIs(scene, picture), { [name]: 6 })); // itself, and the five standard sizes
      assert.equal((await user.thumbnail(uri, CROP)).status, 200);
      assert.deepEqual(Object.keys(await whereIs(scene, picture)), [name]);
    }
  });

  it('the same picture at three tenants has thumbnails in each store, made of its own copy', async () => {
    const picture = paintPng(411, 307);
    for (const [index, name] of TENANT_NAMES.entries()) {
      const user = tenants[name].user();
      const uri = await user.upload(picture, { type: 'image/png' });
      assert.equal((await user.thumbnail(uri, CROP)).status, 200);
      await eventually(async () => {
        const found = await whereIs(scene, picture);
        assert.deepEqual(Object.keys(found), TENANT_NAMES.slice(0, index + 1));
        assert.ok((found[name] ?? 0) > 1, JSON.stringify(found));
      });
    }
  });

  it('copies of other servers’ media and images of previews lie in the common store, whoever asked', async () => {
    const user = tenants.b.user();
    const [copy, image] = [randomBody(LARGE_BYTES), paintPng(173, 91)];
    remote.media.set('for-b', { bytes: copy });
    assert.ok((await user.download(parseMxcParts(remote.serverName, 'for-b'))).body.equals(copy));
    const web = await startWeb({ '/image.png': { type: 'image/png', body: image } });
    after(() => web[Symbol.asyncDispose]());
    const { 'og:image': uri } = assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/image.png` } }));
    const [, origin = '', mediaId = ''] = /^mxc:\/\/([^/]+)\/(.+)$/.exec(String(uri)) ?? [];
    assert.equal(origin, tenants.b.serverName);
    assertBytes(await user.download(parseMxcParts(origin, mediaId)), image);
    for (const bytes of [copy, image]) assert.deepEqual(Object.keys(await whereIs(scene, bytes)), ['a']);
  });

  it('a tenant’s media is read from its store for users of other tenants and for other servers, and nothing of it is left elsewhere', async () => {
    const picture = paintPng(533, 257);
    const uri = await tenants.b.user().upload(picture, { type: 'image/png' });
    for (const name of ['a', 'c'] as const) {
      const user = tenants[name].user();
      assertBytes(await user.download(uri), picture);
      assert.equal((await user.thumbnail(uri, CROP)).status, 200);
    }
    const served = await ask({ site, remote }, servedDownload(uri), { destination: tenants.b.serverName });
    assert.ok(served.status === 200 && served.body.includes(picture), `${served.status}`);
    assert.deepEqual(Object.keys(await whereIs(scene, picture)), ['b']);
  });
}
