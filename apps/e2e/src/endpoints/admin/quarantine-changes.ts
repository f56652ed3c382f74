import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import type { System } from '../../harness/system.ts';
import { ADMIN, ask, assertRefusal, byId, newAdmin, recordRemote } from './admin-calls.ts';

const CHANGES = '/media/quarantine_changes';
const PAGE = 100;

interface Page {
  readonly next_batch: number;
  readonly changes: readonly { readonly origin: string; readonly media_id: string; readonly quarantined: boolean }[];
}

/** GET /_synapse/admin/v1/media/quarantine_changes */
export function describeQuarantineChanges({ site }: System): void {
  describe('quarantine_changes', () => {
    answers(site);
    refusals(site);
  });
}

async function read(admin: MediaUser, from: number): Promise<Page> {
  const { next_batch, changes, ...rest } = await ask(admin, 'GET', CHANGES, { from });
  assert.deepEqual(rest, {});
  return { next_batch, changes } as Page;
}

/** Where the changes end now. */
async function readEnd(admin: MediaUser): Promise<number> {
  for (let from = 0; ;) {
    const page = await read(admin, from);
    if (page.changes.length === 0) return page.next_batch;
    from = page.next_batch;
  }
}

function answers(site: Site): void {
  it('tells what was hidden and shown since, in order, and where to go on', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const [uri, twin] = [await user.upload('watched'), await user.upload('watched')];
    const copy = await recordRemote(site, uri);
    const from = await readEnd(admin);
    assert.deepEqual(await read(admin, from), { next_batch: from, changes: [] });
    await ask(admin, 'POST', byId(uri, 'quarantine/'));
    // neither of these is a quarantine
    await ask(admin, 'POST', `/media/protect/${uri.mediaId}`);
    await ask(admin, 'POST', byId(uri, 'unquarantine/'));
    const { changes, next_batch: next } = await read(admin, from);
    const told = (one: MxcUri) => changes.filter(({ origin, media_id: id }) => origin === one.origin && id === one.mediaId).map(({ quarantined }) => quarantined);
    for (const one of [uri, twin, copy]) assert.deepEqual(told(one), [true, false], one.origin);
    assert.equal(changes.length, 6);
    assert.ok(next > from);
    assert.deepEqual((await read(admin, next)).changes, []);
    assert.deepEqual((await read(admin, 0)).changes.length > 0, true);
  });

  it('tells what was hidden as soon as it came', async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    await ask(admin, 'POST', byId(await user.upload('comes again'), 'quarantine/'));
    const from = await readEnd(admin);
    const again = await user.upload('comes again');
    assert.deepEqual((await read(admin, from)).changes, [{ origin: again.origin, media_id: again.mediaId, quarantined: true }]);
  });

  it(`tells ${PAGE} at a time`, async () => {
    const [admin, user] = [newAdmin(site), site.user()];
    const from = await readEnd(admin);
    const uris: MxcUri[] = [];
    // the same bytes, so that one call hides all
    for (let count = 0; count < PAGE + 5; count += 1) uris.push(await user.upload('many'));
    for (const uri of uris.slice(0, 1)) await ask(admin, 'POST', byId(uri, 'quarantine/'));
    const first = await read(admin, from);
    const second = await read(admin, first.next_batch);
    assert.deepEqual([first.changes.length, second.changes.length], [PAGE, 5]);
    const told = new Set([...first.changes, ...second.changes].map(({ media_id: id }) => id));
    assert.deepEqual(told, new Set(uris.map(({ mediaId }) => mediaId)));
  });
}

function refusals(site: Site): void {
  it('refuses to go on from where nothing has been yet', async () => {
    const admin = newAdmin(site);
    const end = await readEnd(admin);
    const message = `The \`from\` token is considered invalid because it includes stream positions greater than the furthest persisted position ${end}`;
    assertRefusal(await admin.call(`${ADMIN}${CHANGES}`, { query: { from: end + 1 } }), 400, 'M_INVALID_PARAM', message);
  });

  for (const [from, message] of [[-1, 'Query parameter from must be a positive integer.'], ['x', 'Query parameter from must be an integer']] as const) {
    it(`refuses from=${from}`, async () => {
      assertRefusal(await newAdmin(site).call(`${ADMIN}${CHANGES}`, { query: { from } }), 400, 'M_INVALID_PARAM', message);
    });
  }
}
