import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { ADMIN, ask, assertRefusal, byId, infoOf, newAdmin, recordRemote, remoteNameOf } from './admin-calls.ts';

const BITES_WITHIN_MS = 2000;

/** Quarantine and protection by id, room and user. */
export function describeQuarantine({ site }: System): void {
  describe('quarantine', () => {
    byMedia(site);
    byRoom(site);
    byUser(site);
    protection(site);
  });
}

async function untilStatus(user: MediaUser, uri: MxcUri, status: number): Promise<void> {
  await eventually(async () => assert.equal((await user.download(uri)).status, status), BITES_WITHIN_MS);
}

function byMedia(site: Site): void {
  it('hides one media with all that have its bytes, and shows them again', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const [uri, twin] = [await user.upload('of two'), await site.user().upload('of two')];
    const copy = await recordRemote(site, uri);
    assert.deepEqual(await ask(admin, 'POST', byId(uri, 'quarantine/')), {});
    for (const one of [uri, twin]) await untilStatus(user, one, 404);
    for (const one of [uri, twin, copy]) assert.equal((await infoOf(admin, one))['quarantined_by'], admin.account.userId);
    assert.deepEqual(await ask(admin, 'POST', byId(twin, 'unquarantine/')), {});
    for (const one of [uri, twin]) await untilStatus(user, one, 200);
    assert.equal((await infoOf(admin, copy))['quarantined_by'], null);
  });

  it('holds for the same bytes when they come again, also after every record of them was deleted', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const uri = await user.upload('banned for good');
    await ask(admin, 'POST', byId(uri, 'quarantine/'));
    await ask(admin, 'DELETE', byId(uri));
    const again = await user.upload('banned for good');
    await untilStatus(user, again, 404);
    assert.equal(typeof (await infoOf(admin, again))['quarantined_by'], 'string');
  });

  it('holds for another server’s media that comes later', async () => {
    const admin = newAdmin(site);
    const [source, other] = [await site.user().upload('not seen yet'), await site.user().upload('not named')];
    const ahead = remoteNameOf(source, 'ahead.example');
    assert.deepEqual(await ask(admin, 'POST', byId(ahead, 'quarantine/')), {});
    assert.equal((await infoOf(admin, await recordRemote(site, source, 'ahead.example')))['quarantined_by'], admin.account.userId);
    assert.equal((await infoOf(admin, await recordRemote(site, other, 'ahead.example')))['quarantined_by'], null);
  });

  for (const path of ['e2e.example/neverReserved', 'e2e.example/a.b', 'bad_host!/abc']) {
    it(`answers {} of ${path}, which is not there`, async () => {
      for (const action of ['quarantine', 'unquarantine']) assert.deepEqual(await ask(newAdmin(site), 'POST', `/media/${action}/${path}`), {});
    });
  }
}

function byRoom(site: Site): void {
  for (const [form, path] of [['', (room: string) => `/room/${room}/media/quarantine`], ['old ', (room: string) => `/quarantine_media/${room}`]] as const) {
    it(`hides all media of a room at the ${form}path, and counts what has the same bytes`, async () => {
      const [admin, user] = [newAdmin(site), site.user()];
      const uris = [await user.upload(`room ${form}1`), await user.upload(`room ${form}2`)];
      const twin = await user.upload(`room ${form}2`);
      const copy = await recordRemote(site, await user.upload(`room ${form}3`));
      const room = `!hidden${form.trim()}:e2e.example`;
      const toText = ({ origin, mediaId }: MxcUri): string => `mxc://${origin}/${mediaId}`;
      site.homeserver.setRoomMedia(room, { local: uris.map(toText), remote: [toText(copy), 'mxc://elsewhere.example/neverFetched'] });
      assert.deepEqual(await ask(admin, 'GET', `/room/${room}/media`), { local: uris.map(toText), remote: [toText(copy), 'mxc://elsewhere.example/neverFetched'] });
      // of the third the local one, too
      assert.deepEqual(await ask(admin, 'POST', path(room)), { num_quarantined: 5 });
      for (const uri of [...uris, twin]) await untilStatus(user, uri, 404);
      assert.equal((await infoOf(admin, copy))['quarantined_by'], admin.account.userId);
    });
  }

  it('knows nothing of a room that nobody knows', async () => {
    const admin = newAdmin(site);
    assert.deepEqual(await ask(admin, 'GET', '/room/!unknown:e2e.example/media'), { local: [], remote: [] });
    assert.deepEqual(await ask(admin, 'POST', '/room/!unknown:e2e.example/media/quarantine'), { num_quarantined: 0 });
    assert.deepEqual(await ask(admin, 'POST', '/quarantine_media/no-room-at-all'), { num_quarantined: 0 });
  });
}

function byUser(site: Site): void {
  it('hides all media of a user but what is protected, once', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const path = `/user/${user.account.userId}/media/quarantine`;
    const uris = [await user.upload('user 1'), await user.upload('user 2'), await user.create()];
    const safe = await user.upload('user 3');
    await ask(admin, 'POST', `/media/protect/${safe.mediaId}`);
    assert.deepEqual(await ask(admin, 'POST', path), { num_quarantined: 3 });
    for (const uri of uris.slice(0, 2)) await untilStatus(user, uri, 404);
    assert.equal((await user.download(safe)).status, 200);
    assert.deepEqual(await ask(admin, 'POST', path), { num_quarantined: 0 });
  });

  for (const userId of ['@nobody:e2e.example', '@somebody:elsewhere.example', 'no-user-id']) {
    it(`counts no media of ${userId}`, async () => {
      assert.deepEqual(await ask(newAdmin(site), 'POST', `/user/${userId}/media/quarantine`), { num_quarantined: 0 });
    });
  }
}

function protection(site: Site): void {
  it('passes over protected media, and its bytes', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const uri = await user.upload('protected');
    assert.deepEqual(await ask(admin, 'POST', `/media/protect/${uri.mediaId}`), {});
    await ask(admin, 'POST', byId(uri, 'quarantine/'));
    assert.equal((await infoOf(admin, uri))['quarantined_by'], null);
    assert.deepEqual(await ask(admin, 'POST', `/media/unprotect/${uri.mediaId}`), {});
    await ask(admin, 'POST', byId(uri, 'quarantine/'));
    assert.equal((await infoOf(admin, uri))['quarantined_by'], admin.account.userId);
  });

  for (const action of ['protect', 'unprotect']) {
    for (const mediaId of ['neverReserved', 'a.b']) {
      it(`can’t ${action} ${mediaId}, which is not there`, async () => {
        const answer = await newAdmin(site).call(`${ADMIN}/media/${action}/${mediaId}`, { method: 'POST' });
        assertRefusal(answer, 404, 'M_UNKNOWN', 'No row found (local_media_repository)');
      });
    }
  }
}
