import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { assertError } from '../../harness/expect.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { withMetadata } from '../../maintenance/stores.ts';
import { listOf, MedleyApi, texts } from './medley-api.ts';

/** /_medley/v1/jobs */
export function describeJobs({ site }: System): void {
  describe('jobs', () => {
    actions(site);
    choices(site);
    orders(site);
  });
}

async function uploads(user: MediaUser, count: number): Promise<readonly MxcUri[]> {
  const uris: MxcUri[] = [];
  while (uris.length < count) uris.push(await user.upload(`${user.account.userId} ${uris.length} ${crypto.randomUUID()}`));
  return uris;
}

function actions(site: Site): void {
  it('do all that can be done to one media to all that a filter lets through', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const uris = await uploads(user, 3);
    const filter = { user: user.account.userId };
    const run = async (action: string, more: object = {}): Promise<void> => {
      const { state, total, done, kept, failed, filter: told, by, reason } = await api.runJob({ action, filter, reason: 'all of them', ...more });
      assert.deepEqual({ state, done, kept, failed, told, by, reason }, { state: 'done', done: 3, kept: 0, failed: 0, told: filter, by: api.admin.account.userId, reason: 'all of them' });
      assert.equal(total, action === 'restore' ? null : 3);
    };
    const found = async (query: Readonly<Record<string, boolean>>): Promise<number> => (await api.search({ ...filter, ...query })).length;
    await run('quarantine');
    assert.equal(await found({ quarantined: true }), 3);
    await run('release');
    assert.equal(await found({ quarantined: false }), 3);
    await run('protect');
    assert.equal(await found({ protected: true }), 3);
    await run('delete', { include_protected: true });
    assert.equal(await found({}), 0);
    await run('restore');
    assert.deepEqual((await api.search({ ...filter, dir: 'f' })), texts(...uris));
    await run('unprotect');
    assert.equal(await found({ protected: false }), 3);
  });

  it('change nothing in a dry run, and say what they would do', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    await user.upload('12345');
    await user.upload('123456');
    const { state, done, bytes } = await api.runJob({ action: 'delete', filter: { user: user.account.userId }, dry_run: true });
    assert.deepEqual({ state, done, bytes }, { state: 'done', done: 2, bytes: 11 });
    assert.equal((await api.search({ user: user.account.userId })).length, 2);
  });
}

function choices(site: Site): void {
  it('keep protected and quarantined media and avatars from deletion', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const [plain, kept, hidden, avatar] = await uploads(user, 4);
    assert.ok(plain && kept && hidden && avatar);
    await api.on('medleyProtectMedia', kept);
    await api.on('medleyQuarantineMedia', hidden);
    await indexEvents(site, '!avatar:e2e.example', [{ type: 'm.room.avatar', stateKey: '', content: { url: texts(avatar)[0] } }]);
    const filter = { user: user.account.userId };
    const job = await api.runJob({ action: 'delete', filter });
    assert.deepEqual([job['done'], job['kept'], job['failed']], [1, 1, 0]);
    assert.deepEqual((await api.search({ ...filter, dir: 'f' })), texts(kept, hidden, avatar));
    await api.runJob({ action: 'delete', filter, include_avatars: true, include_protected: true, include_quarantined: true });
    assert.deepEqual(await api.search(filter), []);
  });

  it('take what is used in a room', async () => {
    const [api, user] = [new MedleyApi(site), site.user()];
    const [used, other, kept] = await uploads(user, 3);
    assert.ok(used && other && kept);
    await api.on('medleyProtectMedia', kept);
    const room = `!${crypto.randomUUID()}:e2e.example`;
    await indexEvents(site, room, [used, kept, used].map((uri) => ({ type: 'm.room.message', content: { url: texts(uri)[0] } })));
    assert.deepEqual(await api.search({ room }), texts(used, kept));
    assert.deepEqual(await api.search({ room, protected: true }), texts(kept));
    const { state, done, total } = await api.runJob({ action: 'quarantine', filter: { room } });
    assert.deepEqual({ state, done, total }, { state: 'done', done: 1, total: null });
    assert.deepEqual(await api.search({ user: user.account.userId, quarantined: true }), texts(used));
    const { uses } = await api.on('medleyGetMedia', used);
    assert.deepEqual(listOf(uses).map((use) => [use['room_id'], use['kind']]), [[room, 'event'], [room, 'event']]);
  });
}

function orders(site: Site): void {
  it('are listed, newest first, and found by their ids', async () => {
    const api = new MedleyApi(site);
    const filter = { origin: 'nobody.example' };
    const [first, second] = [await api.runJob({ action: 'delete', filter }), await api.runJob({ action: 'delete', filter, dry_run: true })];
    assert.deepEqual([first['total'], first['done'], first['state']], [0, 0, 'done']);
    assert.deepEqual(listOf((await api.call('medleyListJobs', { query: { limit: 2 } }))['jobs']), [second, first]);
    const { jobs, next } = await api.call('medleyListJobs', { query: { limit: 1 } });
    assert.deepEqual(listOf(jobs), [second]);
    assert.deepEqual(listOf((await api.call('medleyListJobs', { query: { limit: 1, from: String(next) } }))['jobs']), [first]);
  });

  it('that have ended stay as they are when they are cancelled', async () => {
    const api = new MedleyApi(site);
    const { job_id: jobId } = await api.runJob({ action: 'delete', filter: { origin: 'nobody.example' } });
    assert.equal((await api.call('medleyCancelJob', { params: { jobId: String(jobId) } }))['state'], 'done');
  });

  it('are not there where they are not', async () => {
    const api = new MedleyApi(site);
    for (const operation of ['medleyGetJob', 'medleyCancelJob']) assertError(await api.try(operation, { params: { jobId: 'none' } }), 404, 'M_NOT_FOUND');
  });

  for (const [what, body, errcode] of [
    ['no action', { filter: { user: '@u:e2e.example' } }, 'M_MISSING_PARAM'],
    ['an unknown action', { action: 'burn', filter: { user: '@u:e2e.example' } }, 'M_INVALID_PARAM'],
    ['an empty filter', { action: 'delete', filter: {} }, 'M_INVALID_PARAM'],
    ['no filter', { action: 'delete' }, 'M_INVALID_PARAM'],
    ['an unknown member of the filter', { action: 'delete', filter: { users: '@u:e2e.example' } }, 'M_INVALID_PARAM'],
    ['an unknown option', { action: 'delete', filter: { user: '@u:e2e.example' }, dryrun: true }, 'M_INVALID_PARAM'],
  ] as const) {
    it(`refuse ${what}`, async () => {
      assertError(await new MedleyApi(site).try('medleyCreateJob', { body }), 400, errcode);
    });
  }
}

interface Event {
  readonly type: string;
  readonly stateKey?: string;
  readonly content: object;
}

/** Tells metadata of events in a room, the first being the newest. */
function indexEvents(site: Site, roomId: string, events: readonly Event[]): Promise<unknown> {
  const now = Date.now();
  const whole = events.map(({ content, ...event }, index) => ({
    ...event, roomId, eventId: `$${crypto.randomUUID()}`, sender: '@u:e2e.example', originServerTs: now - index, content: JSON.stringify(content),
  }));
  return withMetadata(site, (rpc) => rpc.indexEvents({ events: whole }));
}
