import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { offer, REMOTE_CONFIG, startScene } from './federation/remote-scene.ts';
import { assertBytes, assertError } from './harness/expect.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());
const scene = await startScene(site);

/** Runs a Medley on the same data with other rules about servers. */
async function runningWith(rules: object, act: () => Promise<void>): Promise<void> {
  await site.configure({ ...REMOTE_CONFIG, federation: { ...(REMOTE_CONFIG['federation'] as object), ...rules } });
  using program = await startProgram('one-process', site);
  await act();
  await stopProgram(program);
}

it('has nothing to do with servers that are denied, not even with what is kept of them', { timeout: 120_000 }, async () => {
  const bytes = Buffer.from('kept');
  const kept = offer(scene, { bytes });
  const fresh = offer(scene, { bytes });
  await runningWith({}, async () => assertBytes(await scene.user.download(kept), bytes));
  const before = scene.remote.connections;
  await runningWith({ denied_servers: ['127.0.0.1'] }, async () => {
    for (const uri of [kept, fresh]) {
      const { error } = assertError(await scene.user.download(uri), 403, 'M_FORBIDDEN');
      assert.equal(error, `Federation denied with ${uri.origin}.`);
    }
    assertError(await scene.user.thumbnail(kept, { width: 32, height: 32 }), 403, 'M_FORBIDDEN');
  });
  assert.equal(scene.remote.connections, before);
});
