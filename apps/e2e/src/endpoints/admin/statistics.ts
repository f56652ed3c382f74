import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Query } from '../../harness/http-call.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { ADMIN, ask, assertRefusal, newAdmin, recordRemote } from './admin-calls.ts';

const STATISTICS = '/statistics/users/media';

/** GET /_synapse/admin/v1/statistics/users/media */
export function describeStatistics({ site }: System): void {
  describe('statistics', () => {
    answers(site);
    refusals(site);
  });
}

/** A user of this name who has uploaded some pieces of so many bytes. */
async function uploader(site: Site, localpart: string, ...sizes: readonly number[]): Promise<MediaUser> {
  const user = site.user(site.homeserver.addUser(localpart));
  for (const size of sizes) await user.upload(Buffer.alloc(size, `${localpart}${size}`));
  return user;
}

function answers(site: Site): void {
  it('counts what each user has uploaded, in every order, page by page', async () => {
    const [admin] = [newAdmin(site)];
    const [a, b, c] = [await uploader(site, 'stat-a', 5, 6), await uploader(site, 'stat-b', 100), await uploader(site, 'stat-c', 1, 1, 1)];
    await recordRemote(site, await c.upload('x'));
    await uploader(site, 'stat-none');
    const row = ({ account }: MediaUser, count: number, bytes: number) => ({ user_id: account.userId, displayname: null, media_count: count, media_length: bytes });
    const rows = [row(a, 2, 11), row(b, 1, 100), row(c, 4, 4)];
    const read = (query: Query = {}) => ask(admin, 'GET', STATISTICS, { search_term: 'stat-', ...query });
    assert.deepEqual(await read(), { users: rows, total: 3 });
    assert.deepEqual(await read({ dir: 'b' }), { users: rows.toReversed(), total: 3 });
    assert.deepEqual((await read({ order_by: 'media_count' }))['users'], [rows[1], rows[0], rows[2]]);
    assert.deepEqual((await read({ order_by: 'media_length', dir: 'b' }))['users'], [rows[1], rows[0], rows[2]]);
    assert.deepEqual((await read({ order_by: 'displayname' }))['users'], rows);
    assert.deepEqual(await read({ limit: 2 }), { users: rows.slice(0, 2), total: 3, next_token: 2 });
    assert.deepEqual(await read({ limit: 2, from: 2 }), { users: rows.slice(2), total: 3 });
    assert.deepEqual((await read({ search_term: 'STAT-B' }))['users'], [rows[1]]);
  });

  it('counts only what was uploaded in a time', async () => {
    const [admin, user] = [newAdmin(site), await uploader(site, 'timed', 3)];
    const read = (query: Query) => ask(admin, 'GET', STATISTICS, { search_term: 'timed', ...query });
    const row = { user_id: user.account.userId, displayname: null, media_count: 1, media_length: 3 };
    const hourAgo = Date.now() - 3_600_000;
    assert.deepEqual(await read({ from_ts: hourAgo, until_ts: hourAgo + 7_200_000 }), { users: [row], total: 1 });
    assert.deepEqual(await read({ until_ts: hourAgo }), { users: [], total: 0 });
    assert.deepEqual(await read({ from_ts: hourAgo + 7_200_000 }), { users: [], total: 0 });
  });
}

function refusals(site: Site): void {
  const names = "'media_length', 'media_count', 'user_id', 'displayname'";
  const cases: readonly (readonly [Query, string])[] = [
    [{ order_by: 'size' }, `Query parameter 'order_by' must be one of [${names}]`],
    [{ dir: 'x' }, "Query parameter 'dir' must be one of ['f', 'b']"],
    [{ from: -1 }, 'Query parameter from must be a positive integer.'],
    [{ limit: '1.5' }, 'Query parameter limit must be an integer'],
    [{ from_ts: 'x' }, 'Query parameter from_ts must be an integer'],
    [{ until_ts: 'x' }, 'Query parameter until_ts must be an integer'],
    [{ from_ts: 10, until_ts: 10 }, 'Query parameter until_ts must be greater than from_ts.'],
    [{ search_term: '' }, 'Query parameter search_term cannot be an empty string.'],
  ];
  for (const [query, message] of cases) {
    it(`refuses ${JSON.stringify(query)}`, async () => {
      assertRefusal(await newAdmin(site).call(`${ADMIN}${STATISTICS}`, { query }), 400, 'M_INVALID_PARAM', message);
    });
  }
}
