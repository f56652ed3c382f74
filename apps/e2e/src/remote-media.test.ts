import assert from 'node:assert/strict';
import { after } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { healsRemoteMedia } from './federation/healing.ts';
import { hidesRemoteMedia } from './federation/hidden-media.ts';
import { refusesRemoteMedia } from './federation/refusals.ts';
import { REMOTE_CONFIG, startScene } from './federation/remote-scene.ts';
import { streamsThrough } from './federation/stream-through.ts';
import { thumbnailsRemoteMedia } from './federation/thumbnails.ts';
import { startSystem } from './harness/system.ts';

const system = await startSystem('services', { config: REMOTE_CONFIG });
after(() => system[Symbol.asyncDispose]());
const scene = await startScene(system.site);

streamsThrough(scene);
refusesRemoteMedia(scene);
hidesRemoteMedia(scene);
thumbnailsRemoteMedia(scene);
healsRemoteMedia(scene, async () => {
  const pids = system.program.pidsOf('federation-fetch');
  process.kill(pids.at(-1) ?? 0, 'SIGKILL');
  await eventually(() => assert.ok(system.program.pidsOf('federation-fetch').length > pids.length));
});
