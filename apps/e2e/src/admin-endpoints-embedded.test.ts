import { after, describe } from 'node:test';
import { describeAdminEndpoints } from './endpoints/all.ts';
import { ENDPOINT_CONFIG } from './harness/setup.ts';
import { startSystem } from './harness/system.ts';

const system = await startSystem('services', { config: ENDPOINT_CONFIG });
after(() => system[Symbol.asyncDispose]());

describe('on SQLite and a folder', () => describeAdminEndpoints(system));
