import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseMxcParts, toMxcText } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { recordRemote, remoteNameOf } from '../admin/admin-calls.ts';
import { listOf, MedleyApi, paramsOf, type Json } from './medley-api.ts';

const BITES_WITHIN_MS = 2000;

/** GET, PUT and DELETE /_medley/v1/bans */
export function describeBans({ site }: System): void {
  describe('bans', () => {
    it('of bytes hold for those that are there and those that come, and end', async () => {
      const [api, user] = [new MedleyApi(site), site.user()];
      const body = `banned ${crypto.randomUUID()}`;
      const params = { digest: createHash('sha256').update(body).digest('hex') };
      const before = await user.upload(body);
      assert.deepEqual(await api.call('medleyBanDigest', { params, body: { reason: 'illegal' } }), { affected: 1 });
      const later = await user.upload(body);
      for (const uri of [before, later]) await eventually(async () => assert.equal((await user.download(uri)).status, 404), BITES_WITHIN_MS);
      const ban = await findBan(api, (one) => one['sha256'] === params.digest);
      assert.deepEqual([ban?.['by'], ban?.['reason'], ban?.['content_uri']], [api.admin.account.userId, 'illegal', null]);
      await api.call('medleyLiftDigestBan', { params, query: { reason: 'it was not' } });
      for (const uri of [before, later]) await eventually(async () => assert.equal((await user.download(uri)).status, 200), BITES_WITHIN_MS);
      assert.equal(await findBan(api, (one) => one['sha256'] === params.digest), undefined);
    });

    it('of media that was never seen hold when it comes', async () => {
      const api = new MedleyApi(site);
      const source = await site.user().upload(`ahead ${crypto.randomUUID()}`);
      const ahead = remoteNameOf(source, 'bans.example');
      await api.call('medleyBanMedia', { params: paramsOf(ahead), body: { reason: 'told by others' } });
      assert.equal((await findBan(api, (one) => one['content_uri'] === toMxcText(ahead)))?.['reason'], 'told by others');
      await recordRemote(site, source, 'bans.example');
      assert.notEqual((await api.record(ahead))['quarantine'], null);
      await api.call('medleyLiftMediaBan', { params: paramsOf(ahead) });
      assert.equal((await api.record(ahead))['quarantine'], null);
      assert.equal(await findBan(api, (one) => one['content_uri'] === toMxcText(ahead)), undefined);
    });

    it('are listed page by page', async () => {
      const api = new MedleyApi(site);
      const names = Array.from({ length: 3 }, (_none, index) => parseMxcParts('pages.example', `banned${index}`));
      for (const name of names) await api.call('medleyBanMedia', { params: paramsOf(name) });
      const seen = (await allBans(api, 1)).map((one) => one['content_uri']);
      for (const name of names) assert.equal(seen.filter((uri) => uri === toMxcText(name)).length, 1);
    });

    it('are of digests and media IDs', async () => {
      const api = new MedleyApi(site);
      assertError(await api.try('medleyBanDigest', { params: { digest: 'ABC' } }), 400, 'M_INVALID_PARAM');
      assertError(await api.try('medleyBanMedia', { params: { serverName: 'a_b', mediaId: 'abc' } }), 400, 'M_INVALID_PARAM');
    });
  });
}

async function findBan(api: MedleyApi, isIt: (ban: Json) => boolean): Promise<Json | undefined> {
  return (await allBans(api)).find(isIt);
}

async function allBans(api: MedleyApi, limit = 1000): Promise<readonly Json[]> {
  const all: Json[] = [];
  let from: string | undefined;
  do {
    const { bans, next } = await api.call('medleyListBans', { query: { limit, ...(from !== undefined && { from }) } });
    all.push(...listOf(bans));
    from = next as string | undefined;
  } while (from !== undefined);
  return all;
}
