import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { randomBody } from '../harness/bodies.ts';
import { assertError } from '../harness/expect.ts';
import type { System } from '../harness/system.ts';
import { reportOf } from './medley-command.ts';

/** What `medley expire` and `medley stats` do, on the stores of a running system with MAINTENANCE_CONFIG. */
export function expireCases({ site }: System): void {
  it('removes reserved media ids once they have lapsed longer than the grace, and says so before in a dry run', async () => {
    const user = site.user();
    const uris = [await user.create(), await user.create(), await user.create()];
    await eventually(() => assert.ok(Date.now() > Math.max(...uris.map(({ expiresAt }) => expiresAt))));
    assert.equal((await reportOf(site, ['expire'], { env: { MEDLEY_MAINTENANCE__PENDING_GRACE: '1h' } })).expired, 0);
    const dry = await reportOf(site, ['expire', '--dry-run']);
    const done = await reportOf(site, ['expire']);
    assert.ok(done.expired >= uris.length && dry.expired === done.expired, `${dry.expired}, then ${done.expired}`);
    assert.equal((await reportOf(site, ['expire'])).expired, 0);
    const [uri] = uris;
    if (uri !== undefined) assertError(await user.put(uri, 'late'), 404, 'M_NOT_FOUND');
  });

  it('counts media, bytes and what is stored only once', async () => {
    const user = site.user();
    const before = await reportOf(site, ['stats']);
    const shared = randomBody(10_000);
    for (const bytes of [shared, shared, shared, randomBody(500)]) await user.upload(bytes);
    const after = await reportOf(site, ['stats']);
    const grown = (key: 'media' | 'media_bytes' | 'saved_bytes' | 'originals' | 'original_bytes'): number => after[key] - before[key];
    assert.deepEqual([grown('media'), grown('media_bytes'), grown('saved_bytes')], [4, 30_500, 20_000]);
    assert.deepEqual([grown('originals'), grown('original_bytes'), after.staging], [2, 10_500, 0]);
  });
}
