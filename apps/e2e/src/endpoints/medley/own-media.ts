import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { STILL_GIF } from '@medley/testing/image-fixtures';
import { assertError, assertJson } from '../../harness/expect.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { System } from '../../harness/system.ts';
import { recordRemote } from '../admin/admin-calls.ts';
import { listOf, MedleyApi, texts, urisOf } from './medley-api.ts';

const UNSTABLE = '/_matrix/media/unstable';

/** What users do with what they have uploaded. */
export function describeOwnMedia(system: System): void {
  describe('own media', () => {
    listing(system);
    informing(system);
    deleting(system);
  });
}

function listing({ site }: System): void {
  it('is listed to its owner, page by page, and is nobody else’s', async () => {
    const [user, api] = [site.user(), new MedleyApi(site)];
    const mine = [await user.upload('one', { type: 'text/plain', name: 'a.txt' }), await user.upload('three'), await user.upload('to hide')] as const;
    const pending = await user.create();
    await site.user().upload('somebody else’s');
    await api.on('medleyQuarantineMedia', mine[2], { body: {} });
    const own = new MedleyApi(site, user);
    const first = await own.call('medleyListMyMedia', { query: { dir: 'f', limit: 2 } });
    assert.deepEqual(urisOf(first['media']), texts(mine[0], mine[1]));
    const rest = await own.call('medleyListMyMedia', { query: { dir: 'f', limit: 2, from: String(first['next']) } });
    assert.deepEqual([urisOf(rest['media']), rest['next']], [texts(pending), undefined]);
    const [one] = listOf(first['media']);
    assert.deepEqual([one?.['content_type'], one?.['upload_name'], one?.['size'], one?.['state']], ['text/plain', 'a.txt', 3, 'available']);
    const bySize = await own.call('medleyListMyMedia', { query: { order_by: 'size', dir: 'b', limit: 1 } });
    assert.deepEqual(urisOf(bySize['media']), texts(mine[1]));
  });

  it('is not listed in an order of admins', async () => {
    assertError(await new MedleyApi(site, site.user()).try('medleyListMyMedia', { query: { order_by: 'quarantined_by' } }), 400, 'M_INVALID_PARAM');
  });
}

function informing({ site }: System): void {
  const infoOf = (user: MediaUser, { origin, mediaId }: MxcUri) => user.call(`${UNSTABLE}/info/${origin}/${mediaId}`);

  it('is told of as in MSC2380, to all who may have it', async () => {
    const uri = await site.user().upload(STILL_GIF, { type: 'image/gif' });
    const info = assertJson(await infoOf(site.guest(), uri));
    assert.deepEqual([info['content_uri'], info['content_type'], info['size']], [toMxcText(uri), 'image/gif', STILL_GIF.byteLength]);
    assert.deepEqual([info['width'], info['height']], [64, 48]);
    assert.match(String((info['hashes'] as Record<string, unknown>)['sha256']), /^[0-9a-f]{64}$/);
    const plain = assertJson(await infoOf(site.user(), await site.user().upload('text')));
    assert.equal('width' in plain, false);
  });

  it('is not told of where it may not be had', async () => {
    const uri = await site.user().upload('hidden');
    await new MedleyApi(site).on('medleyQuarantineMedia', uri, { body: {} });
    assertError(await infoOf(site.user(), uri), 404, 'M_NOT_FOUND');
    const { origin, mediaId } = uri;
    assertError(await site.user().call(`${UNSTABLE}/info/${origin}/${mediaId}`, { token: undefined }), 401, 'M_MISSING_TOKEN');
  });
}

function deleting({ site }: System): void {
  const remove = (user: MediaUser, { origin, mediaId }: MxcUri) => user.call(`${UNSTABLE}/download/${origin}/${mediaId}`, { method: 'DELETE' });

  it('is deleted by its owner into the trash, and in the log by the owner’s name', async () => {
    const [user, api] = [site.user(), new MedleyApi(site)];
    const uri = await user.upload('not any more');
    assert.deepEqual(assertJson(await remove(user, uri)), {});
    assertError(await user.download(uri), 404, 'M_NOT_FOUND');
    assertError(await remove(user, uri), 404, 'M_NOT_FOUND');
    const { changes } = await api.call('medleyGetAudit', { query: { media: toMxcText(uri) } });
    assert.deepEqual(listOf(changes).map(({ kind, by }) => [kind, by]), [['deleted', user.account.userId]]);
    await api.on('medleyRestoreMedia', uri, { body: {} });
    assert.equal((await user.download(uri)).status, 200);
  });

  it('is deleted by nobody else but an admin', async () => {
    const owner = site.user();
    const uri = await owner.upload('mine');
    assertError(await remove(site.user(), uri), 403, 'M_FORBIDDEN');
    assertError(await remove(site.guest(), uri), 403, 'M_GUEST_ACCESS_FORBIDDEN');
    assert.equal((await owner.download(uri)).status, 200);
    assertJson(await remove(site.user(site.homeserver.addAdmin()), uri));
    assertError(await owner.download(uri), 404, 'M_NOT_FOUND');
  });

  it('is not deleted by its owner while it is protected, or hidden', async () => {
    const [user, api] = [site.user(), new MedleyApi(site)];
    const [kept, hidden] = [await user.upload('kept'), await user.upload('evidence')];
    await api.on('medleyProtectMedia', kept, { body: {} });
    await api.on('medleyQuarantineMedia', hidden, { body: {} });
    assertError(await remove(user, kept), 403, 'M_FORBIDDEN');
    assertError(await remove(user, hidden), 404, 'M_NOT_FOUND');
    assert.equal((await api.record(kept))['protected'], true);
    assert.notEqual((await api.record(hidden))['quarantine'], null);
  });

  it('is no copy of another server’s media, and nothing unknown', async () => {
    const user = site.user();
    const copy = await recordRemote(site, await user.upload('copied'));
    assertError(await remove(user, copy), 403, 'M_FORBIDDEN');
    assertError(await remove(user, parseMxcParts(site.serverName, 'unknown')), 404, 'M_NOT_FOUND');
  });
}
