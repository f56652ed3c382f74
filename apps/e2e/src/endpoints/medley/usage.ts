import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { listOf, MedleyApi } from './medley-api.ts';

/** GET /_medley/v1/usage */
export function describeUsage({ site }: System): void {
  describe('usage', () => {
    it('counts what a filter lets through, and whose it is', async () => {
      const [api, user] = [new MedleyApi(site), site.user()];
      const { userId } = user.account;
      await user.upload('12345', { type: 'text/plain' });
      await user.upload('1234567890', { type: 'image/png' });
      const whole = { media_count: 2, media_bytes: 15 };
      const ask = (by: string) => api.call('medleyGetUsage', { query: { by, user: userId } });
      assert.deepEqual(await ask('user'), { ...whole, rows: [{ name: userId, ...whole }] });
      assert.deepEqual(await ask('kind'), { ...whole, rows: [{ name: 'local', ...whole }] });
      assert.deepEqual(await ask('origin'), { ...whole, rows: [{ name: site.serverName, ...whole }] });
      assert.deepEqual(await ask('tenant'), { ...whole, rows: [{ name: site.serverName, ...whole }] });
      const types = [{ name: 'image/png', media_count: 1, media_bytes: 10 }, { name: 'text/plain', media_count: 1, media_bytes: 5 }];
      assert.deepEqual(await ask('type'), { ...whole, rows: types });
      assert.deepEqual(await api.call('medleyGetUsage', { query: { user: userId } }), { ...whole, rows: [] });
      assert.equal(listOf((await api.call('medleyGetUsage', { query: { by: 'type', limit: 1, user: userId } }))['rows']).length, 1);
    });

    for (const query of [{ by: 'colour' }, { room: '!r:e2e.example' }, { limit: 0 }]) {
      it(`refuses ${JSON.stringify(query)}`, async () => {
        assertError(await new MedleyApi(site).try('medleyGetUsage', { query }), 400, 'M_INVALID_PARAM');
      });
    }
  });
}
