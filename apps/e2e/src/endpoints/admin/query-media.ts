import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { startWeb } from '@medley/testing/scripted-web';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { assertJson } from '../../harness/expect.ts';
import { ADMIN, ask, assertRefusal, byId, infoOf, markAccessed, newAdmin, recordRemote } from './admin-calls.ts';

const PREVIEW_URL = '/_matrix/client/v1/media/preview_url';
const MINUTE_MS = 60_000;

/** GET /_synapse/admin/v1/media/{serverName}/{mediaId} */
export function describeQueryMedia({ site }: System): void {
  describe('query of one media', () => {
    answers(site);
    previewImages(site);
    unknown(site);
  });
}

function answers(site: Site): void {
  it('answers 14 members of local media', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const before = Date.now();
    const uri = await user.upload('of mine', { type: 'text/plain', name: 'name.txt' });
    const { created_ts: createdAt, ...info } = await infoOf(admin, uri);
    assert.ok(Number(createdAt) >= before && Number(createdAt) <= Date.now());
    assert.deepEqual(info, {
      media_origin: null, user_id: user.account.userId, media_id: uri.mediaId, media_type: 'text/plain', media_length: 7, upload_name: 'name.txt',
      filesystem_id: null, url_cache: null, last_access_ts: null, quarantined_by: null, authenticated: true, safe_from_quarantine: false,
      sha256: createHash('sha256').update('of mine').digest('hex'),
    });
  });

  it('knows when media was asked for, who has hidden it, and that it is protected', async () => {
    const admin = newAdmin(site);
    const uri = await site.user().upload('hidden');
    const at = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    await markAccessed(site, uri, at);
    await ask(admin, 'POST', byId(uri, 'quarantine/'));
    await ask(admin, 'POST', `/media/protect/${uri.mediaId}`);
    const info = await infoOf(admin, uri);
    // protection does not lift a quarantine
    assert.deepEqual([info['quarantined_by'], info['safe_from_quarantine']], [admin.account.userId, true]);
    assert.equal(Math.floor(Number(info['last_access_ts']) / MINUTE_MS), at / MINUTE_MS);
    await ask(admin, 'POST', byId(uri, 'unquarantine/'));
    await ask(admin, 'POST', `/media/unprotect/${uri.mediaId}`);
    const again = await infoOf(admin, uri);
    assert.deepEqual([again['quarantined_by'], again['safe_from_quarantine']], [null, false]);
  });

  it('knows nothing yet of the bytes of media that waits for them', async () => {
    const user = site.user();
    const uri = await user.create();
    const { media_type: type, media_length: length, upload_name: name, sha256, authenticated, user_id: userId } = await infoOf(newAdmin(site), uri);
    assert.deepEqual([type, length, name, sha256, authenticated, userId], [null, null, null, null, true, user.account.userId]);
  });

  it('answers of a copy of another server’s media what makes sense for one', async () => {
    const source = await site.user().upload('copied', { type: 'text/plain' });
    const uri = await recordRemote(site, source);
    const { created_ts: createdAt, ...info } = await infoOf(newAdmin(site), uri);
    assert.equal(typeof createdAt, 'number');
    const sha256 = createHash('sha256').update('copied').digest('hex');
    assert.deepEqual(info, {
      media_origin: uri.origin, user_id: null, media_id: uri.mediaId, media_type: 'text/plain', media_length: 6, upload_name: null, filesystem_id: sha256,
      url_cache: null, last_access_ts: null, quarantined_by: null, authenticated: true, safe_from_quarantine: null, sha256,
    });
  });
}

function previewImages(site: Site): void {
  it('names the URL whose preview an image is of', async () => {
    const web = await startWeb({ '/page': '<meta property="og:image" content="/image.png">', '/image.png': { type: 'image/png', body: paintPng(21, 12) } });
    after(() => web[Symbol.asyncDispose]());
    const user = site.user();
    const preview = assertJson(await user.call(PREVIEW_URL, { query: { url: `${web.origin}/page` } }));
    const [, origin = '', mediaId = ''] = /^mxc:\/\/([^/]+)\/(.+)$/.exec(String(preview['og:image'])) ?? [];
    const info = await infoOf(newAdmin(site), parseMxcParts(origin, mediaId));
    assert.deepEqual([info['url_cache'], info['user_id'], info['media_type']], [`${web.origin}/page`, user.account.userId, 'image/png']);
  });
}

function unknown(site: Site): void {
  for (const path of ['/media/e2e.example/neverReserved', '/media/elsewhere.example/neverFetched', '/media/e2e.example/a.b', '/media/bad_host!/abc']) {
    it(`does not know ${path}, and fetches nothing`, async () => {
      assertRefusal(await newAdmin(site).call(`${ADMIN}${path}`), 404, 'M_NOT_FOUND', 'Unknown media');
    });
  }

  it('does not know deleted media', async () => {
    const admin = newAdmin(site);
    const uri = await site.user().upload('deleted');
    await ask(admin, 'DELETE', byId(uri));
    assertRefusal(await admin.call(`${ADMIN}${byId(uri)}`), 404, 'M_NOT_FOUND', 'Unknown media');
  });
}
