import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import type { Query } from '../../harness/http-call.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { withMetadata } from '../../maintenance/stores.ts';
import { ADMIN, ask, assertRefusal, byId, idsOf, markAccessed, newAdmin, recordRemote } from './admin-calls.ts';

const BITES_WITHIN_MS = 2000;
const HOUR_MS = 3_600_000;
/** So large as nothing else here is, so that what is deleted by size belongs to one test alone. */
const RARE_BYTES = 3_000_000;
const YEAR_1970 = 'Query parameter before_ts you provided is from the year 1970. Double check that you are providing a timestamp in milliseconds.';

/** Deletion by id, by date and size, and of what was fetched from other servers. */
export function describeDeleteMedia({ site }: System): void {
  describe('deletion', () => {
    byMediaId(site);
    byDateAndSize(site);
    avatars(site);
    purges(site);
    refusals(site);
  });
}

async function uploadOf(user: MediaUser, sizeBytes: number, fill: string): Promise<MxcUri> {
  return user.upload(Buffer.alloc(sizeBytes, fill));
}

async function isThere(admin: MediaUser, uri: MxcUri): Promise<boolean> {
  return (await admin.call(`${ADMIN}${byId(uri)}`)).status === 200;
}

function byMediaId(site: Site): void {
  it('deletes one media, also if it is quarantined, protected or waits for its bytes, once', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const [plain, hidden, safe, pending] = [await user.upload('plain'), await user.upload('to hide'), await user.upload('to keep'), await user.create()];
    assert.equal((await user.download(plain)).status, 200);
    await ask(admin, 'POST', byId(hidden, 'quarantine/'));
    await ask(admin, 'POST', `/media/protect/${safe.mediaId}`);
    for (const uri of [plain, hidden, safe, pending]) {
      assert.deepEqual(await ask(admin, 'DELETE', byId(uri)), { deleted_media: [uri.mediaId], total: 1 });
      assertRefusal(await admin.call(`${ADMIN}${byId(uri)}`, { method: 'DELETE' }), 404, 'M_NOT_FOUND', 'Unknown media');
    }
    await eventually(async () => assert.equal((await user.download(plain)).status, 404), BITES_WITHIN_MS);
  });

  it('can be taken back: what an admin deletes goes to the trash, with who and why', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const uri = await user.upload('not for good');
    await ask(admin, 'DELETE', byId(uri));
    const trashed = await withMetadata(site, async (rpc) => (await rpc.listTrash({ limit: 1000 })).media.find(({ record }) => record?.key?.mediaId === uri.mediaId));
    assert.deepEqual([trashed?.deletedBy, trashed?.reason], [admin.account.userId, 'by id']);
  });
}

function byDateAndSize(site: Site): void {
  for (const [form, path] of [['', '/media/delete'], ['old ', '/media/e2e.example/delete']] as const) {
    it(`deletes at the ${form}path what is larger and was not asked for since`, async () => {
      const [admin, user] = [newAdmin(site), site.user()];
      const at = await uploadOf(user, RARE_BYTES, `${form}at the limit`);
      const above = await uploadOf(user, RARE_BYTES + 1, `${form}above`);
      const before = Date.now() + HOUR_MS;
      const used = await uploadOf(user, RARE_BYTES + 2, `${form}used`);
      await markAccessed(site, used, before + HOUR_MS);
      const query = { before_ts: before, size_gt: RARE_BYTES };
      assert.deepEqual(await ask(admin, 'POST', path, query), { deleted_media: [above.mediaId], total: 1 });
      assert.deepEqual(await ask(admin, 'POST', path, query), { deleted_media: [], total: 0 });
      assert.deepEqual([await isThere(admin, at), await isThere(admin, above), await isThere(admin, used)], [true, false, true]);
      const later = await ask(admin, 'POST', path, { ...query, before_ts: before + 2 * HOUR_MS });
      assert.deepEqual(later, { deleted_media: [used.mediaId], total: 1 });
    });
  }

  it('spares what is newer, quarantined or protected, and has nothing to do with what has no bytes', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const hidden = await uploadOf(user, RARE_BYTES + 10, 'hidden');
    const safe = await uploadOf(user, RARE_BYTES + 11, 'safe');
    const old = await uploadOf(user, RARE_BYTES + 12, 'old');
    await user.create();
    await ask(admin, 'POST', byId(hidden, 'quarantine/'));
    await ask(admin, 'POST', `/media/protect/${safe.mediaId}`);
    // the next comes in another millisecond
    await sleep(5);
    const before = Date.now();
    await sleep(5);
    await uploadOf(user, RARE_BYTES + 13, 'new');
    const query = { before_ts: before, size_gt: RARE_BYTES, keep_profiles: false };
    assert.deepEqual(await ask(admin, 'POST', '/media/delete', query), { deleted_media: [old.mediaId], total: 1 });
  });
}

function avatars(site: Site): void {
  it('keeps avatars of members and of rooms, unless it is told not to', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const member = await uploadOf(user, RARE_BYTES + 20, 'member');
    const room = await uploadOf(user, RARE_BYTES + 21, 'room');
    const message = await uploadOf(user, RARE_BYTES + 22, 'message');
    const state = { roomId: '!avatars:e2e.example', sender: user.account.userId, originServerTs: Date.now() };
    await withMetadata(site, (rpc) => rpc.indexEvents({ events: [
      { ...state, eventId: '$member', type: 'm.room.member', stateKey: user.account.userId, content: JSON.stringify({ membership: 'join', avatar_url: toMxcText(member) }) },
      { ...state, eventId: '$room', type: 'm.room.avatar', stateKey: '', content: JSON.stringify({ url: toMxcText(room) }) },
      { ...state, eventId: '$message', type: 'm.room.message', content: JSON.stringify({ msgtype: 'm.file', body: '', url: toMxcText(message) }) },
    ] }));
    const query = { before_ts: Date.now() + HOUR_MS, size_gt: RARE_BYTES + 19 };
    assert.deepEqual((await ask(admin, 'POST', '/media/delete', query))['deleted_media'], [message.mediaId]);
    const rest = await ask(admin, 'POST', '/media/delete', { ...query, keep_profiles: false });
    assert.deepEqual([new Set(rest['deleted_media'] as string[]), rest['total']], [new Set(idsOf([member, room])), 2]);
  });
}

function purges(site: Site): void {
  it('purges copies of other servers’ media that nobody has asked for since, and no quarantined ones', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const source = await user.upload('of another server');
    const [unused, used, hidden] = [await recordRemote(site, source), await recordRemote(site, source, 'used.example'), await recordRemote(site, await user.upload('bad'))];
    const before = Date.now() + HOUR_MS;
    await markAccessed(site, used, before + HOUR_MS);
    await ask(admin, 'POST', byId(hidden, 'quarantine/'));
    const { deleted, ...rest } = await ask(admin, 'POST', '/purge_media_cache', { before_ts: before });
    assert.deepEqual(rest, {});
    assert.ok(Number(deleted) >= 1);
    const there = await Promise.all([unused, used, hidden, source].map((uri) => isThere(admin, uri)));
    assert.deepEqual(there, [false, true, true, true]);
    assert.deepEqual(await ask(admin, 'POST', '/purge_media_cache', { before_ts: before }), { deleted: 0 });
    // it can be had again
    await recordRemote(site, source);
    assert.equal(await isThere(admin, unused), true);
  });
}

function refusals(site: Site): void {
  const cases: readonly (readonly [string, string, Query, readonly [number, string, string]])[] = [
    ['DELETE', '/media/elsewhere.example/abc', {}, [400, 'M_UNKNOWN', 'Can only delete local media']],
    ['DELETE', '/media/e2e.example/neverReserved', {}, [404, 'M_NOT_FOUND', 'Unknown media']],
    ['DELETE', '/media/e2e.example/a.b', {}, [404, 'M_NOT_FOUND', 'Unknown media']],
    ['POST', '/media/elsewhere.example/delete', { before_ts: 1e12 }, [400, 'M_UNKNOWN', 'Can only delete local media']],
    ['POST', '/media/elsewhere.example/delete', {}, [400, 'M_MISSING_PARAM', 'Missing required integer query parameter before_ts']],
    ...['/media/delete', '/purge_media_cache'].flatMap((path) => [
      ['POST', path, {}, [400, 'M_MISSING_PARAM', 'Missing required integer query parameter before_ts']],
      ['POST', path, { before_ts: '' }, [400, 'M_INVALID_PARAM', 'Query parameter before_ts must be an integer']],
      ['POST', path, { before_ts: '1e12' }, [400, 'M_INVALID_PARAM', 'Query parameter before_ts must be an integer']],
      ['POST', path, { before_ts: -1 }, [400, 'M_INVALID_PARAM', 'Query parameter before_ts must be a positive integer.']],
      ['POST', path, { before_ts: 0 }, [400, 'M_INVALID_PARAM', YEAR_1970]],
      ['POST', path, { before_ts: 29_999_999_999 }, [400, 'M_INVALID_PARAM', YEAR_1970]],
    ] as const),
    ['POST', '/media/delete', { before_ts: 1e12, size_gt: -1 }, [400, 'M_INVALID_PARAM', 'Query parameter size_gt must be a positive integer.']],
    ['POST', '/media/delete', { before_ts: 1e12, keep_profiles: 'yes' }, [400, 'M_INVALID_PARAM', "Boolean query parameter 'keep_profiles' must be one of ['true', 'false']"]],
  ];
  for (const [method, path, query, [status, errcode, message]] of cases) {
    it(`refuses ${method} ${path} ${JSON.stringify(query)}`, async () => {
      assertRefusal(await newAdmin(site).call(`${ADMIN}${path}`, { method, query }), status, errcode, message);
    });
  }

  it('takes the least time that can be meant in milliseconds', async () => {
    assert.deepEqual(await ask(newAdmin(site), 'POST', '/media/delete', { before_ts: 30_000_000_000 }), { deleted_media: [], total: 0 });
    assert.deepEqual(await ask(newAdmin(site), 'POST', '/purge_media_cache', { before_ts: 30_000_000_000 }), { deleted: 0 });
  });
}
