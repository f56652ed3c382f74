import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Query } from '../../harness/http-call.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { ADMIN, ask, assertRefusal, byId, idsOf, markAccessed, newAdmin } from './admin-calls.ts';

const HOUR_MS = 3_600_000;
const ORDERS = "'media_id', 'upload_name', 'created_ts', 'last_access_ts', 'media_length', 'media_type', 'quarantined_by', 'safe_from_quarantine'";

/** GET and DELETE /_synapse/admin/v1/users/{userId}/media */
export function describeUserMedia({ site }: System): void {
  describe('media of a user', () => {
    lists(site);
    orders(site);
    deletions(site);
    refusals(site);
  });
}

function pathOf({ account }: MediaUser): string {
  return `/users/${account.userId}/media`;
}

async function list(admin: MediaUser, user: MediaUser, query: Query = {}): Promise<{ ids: string[]; total: unknown; next: unknown }> {
  const { media, total, next_token: next } = await ask(admin, 'GET', pathOf(user), query);
  return { ids: (media as { media_id: string }[]).map(({ media_id: id }) => id), total, next };
}

/** Uploads some, each in a millisecond of its own. */
async function uploadSome(user: MediaUser, count: number): Promise<MxcUri[]> {
  const uris: MxcUri[] = [];
  for (let index = 0; index < count; index += 1) uris.push(await user.upload(`${user.account.userId} ${index}`));
  return uris;
}

function lists(site: Site): void {
  it('lists 12 members of each, also of what waits for its bytes, and nobody else’s', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    await site.user().upload('another’s');
    const uri = await user.upload('listed', { type: 'text/plain', name: 'listed.txt' });
    await user.create();
    const { media, ...rest } = await ask(admin, 'GET', pathOf(user), { order_by: 'media_length', dir: 'b' });
    assert.deepEqual(rest, { total: 2 });
    const [{ created_ts: createdAt, ...first } = {}, second] = media as Record<string, unknown>[];
    assert.equal(typeof createdAt, 'number');
    assert.deepEqual(first, {
      media_id: uri.mediaId, media_type: 'text/plain', media_length: 6, upload_name: 'listed.txt', url_cache: null, last_access_ts: null, quarantined_by: null,
      safe_from_quarantine: false, user_id: user.account.userId, authenticated: true, sha256: createHash('sha256').update('listed').digest('hex'),
    });
    assert.deepEqual([second?.['media_type'], second?.['media_length'], second?.['upload_name'], second?.['sha256']], [null, null, null, null]);
  });

  it('goes from page to page, newest first unless it is told otherwise', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const ids = idsOf(await uploadSome(user, 5));
    assert.deepEqual(await list(admin, user), { ids: ids.toReversed(), total: 5, next: undefined });
    assert.deepEqual(await list(admin, user, { limit: 2 }), { ids: [ids[4], ids[3]], total: 5, next: 2 });
    assert.deepEqual(await list(admin, user, { limit: 2, from: 2 }), { ids: [ids[2], ids[1]], total: 5, next: 4 });
    assert.deepEqual(await list(admin, user, { limit: 2, from: 4 }), { ids: [ids[0]], total: 5, next: undefined });
    assert.deepEqual(await list(admin, user, { from: 9 }), { ids: [], total: 5, next: undefined });
    assert.deepEqual(await list(admin, user, { limit: 0 }), { ids: [], total: 5, next: 0 });
    assert.deepEqual((await list(admin, user, { limit: 100_000 })).ids.length, 5);
    assert.deepEqual((await list(admin, user, { dir: 'f' })).ids, ids);
    assert.deepEqual((await list(admin, user, { order_by: 'created_ts' })).ids, ids);
  });
}

function orders(site: Site): void {
  it('sorts by every order there is, both ways', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const b = await user.upload('22', { type: 'image/png', name: 'b' });
    const a = await user.upload('333', { type: 'text/plain', name: 'a' });
    const c = await user.upload('1', { type: 'audio/ogg', name: 'c' });
    for (const [index, uri] of [a, c, b].entries()) await markAccessed(site, uri, Date.now() + (index + 1) * HOUR_MS);
    await ask(admin, 'POST', byId(c, 'quarantine/'));
    await ask(admin, 'POST', `/media/protect/${b.mediaId}`);
    const expected: Readonly<Record<string, readonly MxcUri[]>> = {
      upload_name: [a, b, c], created_ts: [b, a, c], last_access_ts: [a, c, b], media_length: [c, b, a], media_type: [c, b, a],
    };
    for (const [order, uris] of Object.entries(expected)) {
      assert.deepEqual((await list(admin, user, { order_by: order, dir: 'f' })).ids, idsOf(uris), order);
      assert.deepEqual((await list(admin, user, { order_by: order, dir: 'b' })).ids, idsOf(uris).toReversed(), order);
    }
    assert.deepEqual((await list(admin, user, { order_by: 'media_id' })).ids, idsOf([a, b, c]).toSorted());
    assert.equal((await list(admin, user, { order_by: 'quarantined_by', dir: 'b' })).ids[0], c.mediaId);
    assert.equal((await list(admin, user, { order_by: 'safe_from_quarantine', dir: 'b' })).ids[0], b.mediaId);
  });
}

function deletions(site: Site): void {
  it('deletes page by page, also what is quarantined or protected, until nothing is left', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const uris = await uploadSome(user, 5);
    const ids = idsOf(uris);
    const [oldest, second] = uris;
    assert.ok(oldest !== undefined && second !== undefined);
    await ask(admin, 'POST', byId(oldest, 'quarantine/'));
    await ask(admin, 'POST', `/media/protect/${second.mediaId}`);
    const remove = (query: Query = {}) => ask(admin, 'DELETE', pathOf(user), query);
    assert.deepEqual(await remove({ limit: 2 }), { deleted_media: [ids[4], ids[3]], total: 2 });
    assert.deepEqual(await remove({ limit: 1, from: 1, dir: 'f' }), { deleted_media: [ids[1]], total: 1 });
    assert.deepEqual(await remove({ dir: 'f' }), { deleted_media: [ids[0], ids[2]], total: 2 });
    assert.deepEqual(await remove(), { deleted_media: [], total: 0 });
  });

  it('keeps nothing back for being an avatar, and goes over more than one batch', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    await uploadSome(user, 3);
    const { total } = await ask(admin, 'DELETE', pathOf(user), { limit: 1_000_000 });
    assert.deepEqual([total, (await list(admin, user)).total], [3, 0]);
  });
}

function refusals(site: Site): void {
  const cases: readonly (readonly [string, Query, readonly [number, string, string]])[] = [
    ['/users/somebody:e2e.example/media', {}, [400, 'M_INVALID_PARAM', "Expected UserID string to start with '@'"]],
    ['/users/@somebody/media', {}, [400, 'M_INVALID_PARAM', "Expected UserID of the form '@localname:domain'"]],
    ['/users/@somebody:elsewhere.example/media', {}, [400, 'M_UNKNOWN', 'Can only look up local users']],
    ['/users/@nobody:e2e.example/media', {}, [404, 'M_NOT_FOUND', 'Unknown user']],
    ['/users/@nobody:e2e.example/media', { from: -1 }, [400, 'M_INVALID_PARAM', 'Query parameter from must be a positive integer.']],
    ['/users/@nobody:e2e.example/media', { limit: 'x' }, [400, 'M_INVALID_PARAM', 'Query parameter limit must be an integer']],
    ['/users/@nobody:e2e.example/media', { order_by: 'size' }, [400, 'M_INVALID_PARAM', `Query parameter 'order_by' must be one of [${ORDERS}]`]],
    ['/users/@nobody:e2e.example/media', { dir: 'up' }, [400, 'M_INVALID_PARAM', "Query parameter 'dir' must be one of ['f', 'b']"]],
  ];
  for (const [path, query, [status, errcode, message]] of cases) {
    it(`refuses ${path} ${JSON.stringify(query)}`, async () => {
      const admin = newAdmin(site);
      for (const method of ['GET', 'DELETE']) assertRefusal(await admin.call(`${ADMIN}${path}`, { method, query }), status, errcode, message);
    });
  }

  it('knows a user who has no media', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    assert.deepEqual(await ask(admin, 'GET', pathOf(user)), { media: [], total: 0 });
    assert.deepEqual(await ask(admin, 'DELETE', pathOf(user)), { deleted_media: [], total: 0 });
  });
}
