import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { randomBody } from './harness/bodies.ts';
import { assertBytes } from './harness/expect.ts';
import { startSystem } from './harness/system.ts';
import { expireCases } from './maintenance/expire.contract.ts';
import { reportOf } from './maintenance/medley-command.ts';
import { scrubCases } from './maintenance/scrub.contract.ts';
import { deleteMedia } from './maintenance/stores.ts';
import { MAINTENANCE_CONFIG } from './maintenance/config.ts';
import { sweepCases } from './maintenance/sweep.contract.ts';

const system = await startSystem('services', { config: MAINTENANCE_CONFIG });

describe('medley beside running services, on SQLite and a folder', () => {
  after(() => system[Symbol.asyncDispose]());
  describe('expire and stats', () => expireCases(system));
  describe('sweep', () => sweepCases(system));
  describe('scrub', () => scrubCases(system));

  it('opens the same stores itself, beside the services that have them open', async () => {
    const { site } = system;
    const user = site.user();
    const [kept, gone] = [randomBody(2000), randomBody(3000)];
    const [uri, goneUri] = [await user.upload(kept), await user.upload(gone)];
    await deleteMedia(site, goneUri);
    const swept = await reportOf(site, ['--standalone', 'sweep', '--wait']);
    assert.ok(swept.freed_bytes >= gone.byteLength);
    assert.deepEqual((await reportOf(site, ['--standalone', 'scrub'])).findings, []);
    assertBytes(await user.download(uri), kept);
    assert.deepEqual((await reportOf(site, ['--standalone', 'stats'])).media, (await reportOf(site, ['stats'])).media);
  });
});
