import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeRealService } from '@medley/tool-real-services/skip';
import { startFaultySystem } from '../harness/faulty-system.ts';
import { measureRecovery } from './run.ts';

const LIMIT_MS = 10_000;

await describeRealService('how soon all works again after a store was down', startFaultySystem, (faulty) => {
  it('is measured where the store comes back', { timeout: 60_000 }, async (t) => {
    const tookMs = await measureRecovery(faulty, { store: 'objects', limitMs: LIMIT_MS, whileDown: () => Promise.resolve() });
    t.diagnostic(`${tookMs} ms`);
    assert.ok(tookMs !== null && tookMs < LIMIT_MS);
  });

  it('is not told where the store never comes back', { timeout: 60_000 }, async () => {
    const whileDown = () => faulty.servers.database.stop();
    assert.equal(await measureRecovery(faulty, { store: 'database', limitMs: 3000, whileDown }), null);
  });
});
