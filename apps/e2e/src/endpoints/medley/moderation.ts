import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { assertError } from '../../harness/expect.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { recordRemote } from '../admin/admin-calls.ts';
import { MedleyApi, paramsOf } from './medley-api.ts';

const BITES_WITHIN_MS = 2000;

/** What admins do to one media. */
export function describeModeration({ site }: System): void {
  describe('moderation of one media', () => {
    quarantine(site);
    deletion(site);
    refusals(site);
  });
}

function quarantine(site: Site): void {
  it('hides media with all that has its bytes, says why, and shows it again', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const body = `quarantine ${crypto.randomUUID()}`;
    const [uri, twin] = [await user.upload(body), await user.upload(body)];
    const { quarantine: hidden } = await api.on('medleyQuarantineMedia', uri, { body: { reason: 'spam' } });
    const { by, reason } = hidden as Record<string, unknown>;
    assert.deepEqual([by, reason], [api.admin.account.userId, 'spam']);
    for (const one of [uri, twin]) await eventually(async () => assert.equal((await user.download(one)).status, 404), BITES_WITHIN_MS);
    assert.equal((await api.on('medleyReleaseMedia', twin))['quarantine'], null);
    for (const one of [uri, twin]) await eventually(async () => assert.equal((await user.download(one)).status, 200), BITES_WITHIN_MS);
  });

  it('does not hide protected media', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const uri = await user.upload(`protected ${crypto.randomUUID()}`);
    assert.equal((await api.on('medleyProtectMedia', uri, { body: {} }))['protected'], true);
    const record = await api.on('medleyQuarantineMedia', uri);
    assert.deepEqual([record['quarantine'], record['protected']], [null, true]);
    assert.equal((await api.on('medleyUnprotectMedia', uri))['protected'], false);
    assert.notEqual((await api.on('medleyQuarantineMedia', uri))['quarantine'], null);
  });
}

function deletion(site: Site): void {
  it('deletes local and remote media, and restores it', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const uri = await user.upload(`deleted ${crypto.randomUUID()}`);
    const copy = await recordRemote(site, uri);
    for (const one of [uri, copy]) {
      const { restorable_until: until } = await api.on('medleyDeleteMedia', one, { query: { reason: 'by mistake' } });
      assert.ok(Number(until) > Date.now());
      assertError(await api.try('medleyGetMedia', { params: paramsOf(one) }), 404, 'M_NOT_FOUND');
    }
    await eventually(async () => assert.equal((await user.download(uri)).status, 404), BITES_WITHIN_MS);
    for (const one of [uri, copy]) assert.equal((await api.on('medleyRestoreMedia', one))['media_id'], one.mediaId);
    await eventually(async () => assert.equal((await user.download(uri)).status, 200), BITES_WITHIN_MS);
  });
}

function refusals(site: Site): void {
  const actions = ['medleyQuarantineMedia', 'medleyReleaseMedia', 'medleyProtectMedia', 'medleyUnprotectMedia', 'medleyRestoreMedia', 'medleyDeleteMedia'];
  for (const operation of actions) {
    it(`knows no media that is not there at ${operation}`, async () => {
      for (const serverName of ['e2e.example', 'elsewhere.example']) {
        assertError(await new MedleyApi(site).try(operation, { params: { serverName, mediaId: 'neverSeen' } }), 404, 'M_NOT_FOUND');
      }
    });
  }

  it('restores nothing that was not deleted', async () => {
    const uri = await site.user().upload('there');
    assertError(await new MedleyApi(site).try('medleyRestoreMedia', { params: paramsOf(uri) }), 404, 'M_NOT_FOUND');
  });

  it('refuses bodies that say more than is understood, or nothing that can be', async () => {
    const api = new MedleyApi(site);
    const uri = await site.user().upload('not quarantined');
    const path = `/_medley/v1/media/${uri.origin}/${uri.mediaId}/quarantine`;
    for (const [body, errcode] of [['{"reson":"x"}', 'M_INVALID_PARAM'], ['{"reason":1}', 'M_INVALID_PARAM'], ['[]', 'M_BAD_JSON'], ['{', 'M_NOT_JSON']] as const) {
      assertError(await api.admin.call(path, { method: 'POST', body }), 400, errcode);
    }
    assertError(await api.admin.call(path, { method: 'POST', body: JSON.stringify({ reason: 'x'.repeat(1001) }) }), 400, 'M_INVALID_PARAM');
    assertError(await api.admin.call(path, { method: 'POST', body: ' '.repeat(100_000) }), 413, 'M_TOO_LARGE');
    assert.equal((await api.record(uri))['quarantine'], null);
  });
}
