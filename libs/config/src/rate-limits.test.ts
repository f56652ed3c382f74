import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveConfig } from './load.ts';

const homeservers = [{ server_name: 'example.org' }];

describe('rate limits', () => {
  it('are Synapse’s where it has some, and let ten users share an address', async () => {
    const { rate_limits: { create } } = await resolveConfig({ homeservers }, {});
    assert.deepEqual(create, { per_user: { per_second: 10, burst: 50 }, per_address: { per_second: 100, burst: 500 } });
  });

  it('keep what is not said', async () => {
    const { rate_limits: { upload } } = await resolveConfig({ homeservers, rate_limits: { upload: { per_user: { burst: 7 } } } }, {});
    assert.deepEqual([upload.per_user, upload.per_address.burst], [{ per_second: 20, burst: 7 }, 2000]);
  });

  for (const rates of [{ upload: { per_user: { burst: -1 } } }, { upload: { per_server: {} } }, { federation: { per_user: {} } }, { guest_factor: 0 }, { uploads: {} }]) {
    it(`refuse ${JSON.stringify(rates)}`, async () => assert.rejects(resolveConfig({ homeservers, rate_limits: rates }, {})));
  }
});
