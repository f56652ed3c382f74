import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paintPng } from '@medley/testing/images';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { assertBytes, assertError, assertNotCacheable } from '../../harness/expect.ts';
import { downloadPath, thumbnailPath } from '../../harness/media-user.ts';
import type { System } from '../../harness/system.ts';
import { ask, assertRefusal, byId, infoOf, newAdmin, recordRemote } from './admin-calls.ts';

const BYPASS = { admin_unsafely_bypass_quarantine: true };
const MESSAGE = 'Must be a server admin to bypass quarantine';

/** `admin_unsafely_bypass_quarantine` on downloads */
export function describeBypass({ site }: System): void {
  describe('bypass of quarantine', () => {
    it('shows an admin hidden media, local or remote, by itself or by its bytes, and lets nobody keep it', async () => {
      const admin = newAdmin(site);
      const uri = await site.user().upload('to be judged');
      const copy = await recordRemote(site, uri);
      await ask(admin, 'POST', byId(uri, 'quarantine/'));
      for (let round = 0; round < 2; round += 1) {
        for (const one of [uri, copy]) {
          const answer = await admin.download(one, { query: BYPASS });
          assertBytes(answer, Buffer.from('to be judged'));
          assertNotCacheable(answer);
          assert.equal(answer.headers['cache-control'], 'no-store');
        }
      }
      assertError(await admin.download(uri), 404, 'M_NOT_FOUND');
      assertError(await admin.download(uri, { query: { admin_unsafely_bypass_quarantine: false } }), 404, 'M_NOT_FOUND');
    });

    it('is not for others, who learn nothing of what is there', async () => {
      const [user, hidden] = [site.user(), await site.user().upload('secret')];
      await ask(newAdmin(site), 'POST', byId(hidden, 'quarantine/'));
      for (const one of [hidden, parseMxcParts('e2e.example', 'neverReserved'), parseMxcParts('elsewhere.example', 'neverFetched2')]) {
        for (const requester of [user, site.guest()]) assertRefusal(await requester.download(one, { query: BYPASS }), 400, 'M_UNKNOWN', MESSAGE);
      }
    });

    it('works neither for thumbnails nor without a token', async () => {
      const admin = newAdmin(site);
      const uri = await admin.upload(paintPng(64, 64), { type: 'image/png' });
      await ask(admin, 'POST', byId(uri, 'quarantine/'));
      assert.equal((await infoOf(admin, uri))['quarantined_by'], admin.account.userId);
      assertError(await admin.call(thumbnailPath(uri), { query: { ...BYPASS, width: 32, height: 32 } }), 404, 'M_NOT_FOUND');
      const legacy = downloadPath(uri).replace('/_matrix/client/v1/media', '/_matrix/media/v3');
      assertError(await admin.call(legacy, { query: BYPASS }), 404, 'M_NOT_FOUND');
    });

    it('refuses what is neither true nor false', async () => {
      const message = "Boolean query parameter 'admin_unsafely_bypass_quarantine' must be one of ['true', 'false']";
      const uri = await site.user().upload('x');
      assertRefusal(await newAdmin(site).download(uri, { query: { admin_unsafely_bypass_quarantine: 1 } }), 400, 'M_INVALID_PARAM', message);
    });
  });
}
