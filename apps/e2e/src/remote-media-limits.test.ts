import { after } from 'node:test';
import { limitsRemoteMedia, USER_BURST_BYTES, USER_BYTES_PER_SECOND } from './federation/allowances.ts';
import { REMOTE_CONFIG, startScene } from './federation/remote-scene.ts';
import { servesStrangers } from './federation/strangers.ts';
import { startSystem } from './harness/system.ts';

const config = {
  ...REMOTE_CONFIG,
  media: { freeze_unauthenticated: false },
  rate_limits: { remote_download: { per_user: { burst: USER_BURST_BYTES, bytes_per_second: USER_BYTES_PER_SECOND } } },
};
const system = await startSystem('one-process', { config });
after(() => system[Symbol.asyncDispose]());
const scene = await startScene(system.site);

limitsRemoteMedia(scene);
servesStrangers(scene);
