import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { makeTenant } from '../tenants.fixture.ts';
import { Circuits } from './circuit.ts';
import { QueryTokens } from './query-tokens.ts';
import { Suspensions } from './suspensions.ts';

const HOUR_MS = 3_600_000;
let homeserver: FakeHomeserver;
beforeEach(async () => {
  homeserver = await FakeHomeserver.start('example.org');
});
afterEach(() => homeserver[Symbol.asyncDispose]());

describe('a token in a URL', () => {
  const areTaken = (parts: object = {}) => new QueryTokens(new Circuits()).areTaken(makeTenant({ client_api: homeserver.url, ...parts }));

  for (const [newest, isTaken] of [['v1.17', true], ['v1.19', true], ['v1.20', false], ['v1.100', false], ['v2.0', false]] as const) {
    it(`is ${isTaken ? '' : 'not '}taken while the homeserver speaks ${newest}`, async () => {
      homeserver.versions = ['r0.6.1', 'v1.9', newest, 'v1.2'];
      assert.equal(await areTaken(), isTaken);
    });
  }

  it('is taken or not as the configuration says, and nobody is asked', async () => {
    assert.deepEqual([await areTaken({ query_token: 'on' }), await areTaken({ query_token: 'off' })], [true, false]);
    assert.equal(await areTaken({ client_api: undefined }), true);
    assert.equal(homeserver.versionsAsked, 0);
  });

  it('is taken where nobody can tell, and asked about once where somebody can', async () => {
    let now = 0;
    const tokens = new QueryTokens(new Circuits(), () => now);
    const tenant = makeTenant({ client_api: homeserver.url });
    homeserver.manners = 'babbling';
    for (let round = 0; round < 3; round += 1) assert.equal(await tokens.areTaken(tenant), true);
    assert.equal(homeserver.versionsAsked, 1, 'again only after some seconds');
    now += 5000;
    homeserver.manners = 'well';
    homeserver.versions = ['v1.20'];
    for (let round = 0; round < 3; round += 1) assert.equal(await tokens.areTaken(tenant), false);
    assert.equal(homeserver.versionsAsked, 2);
  });
});

describe('a suspended user', () => {
  for (const check of ['spec', 'synapse'] as const) {
    it(`is known by ${check}, and asked about once for a while`, async () => {
      const [admin, alice, bob] = [homeserver.addAdmin(), homeserver.addUser('alice').userId, homeserver.addUser('bob').userId];
      homeserver.suspended.add(alice);
      const tenant = makeTenant({ client_api: homeserver.url, suspension: { check, token: admin.token } });
      const suspensions = new Suspensions(HOUR_MS, new Circuits());
      for (let round = 0; round < 3; round += 1) {
        await assert.rejects(suspensions.refuse(tenant, alice), { reason: 'USER_SUSPENDED' });
        await suspensions.refuse(tenant, bob);
      }
      await suspensions.refuse(tenant, '@fixed:example.org');
      assert.equal(homeserver.adminCalls.length, 3);
    });
  }

  it('may or may not be one where the homeserver can’t tell: who was none before is let pass', async () => {
    const [admin, alice, bob] = [homeserver.addAdmin(), homeserver.addUser('alice').userId, homeserver.addUser('bob').userId];
    const tenant = makeTenant({ client_api: homeserver.url, suspension: { check: 'spec', token: admin.token, lifetime: 0 } });
    const circuits = new Circuits();
    const suspensions = new Suspensions(HOUR_MS, circuits);
    await suspensions.refuse(tenant, alice);
    homeserver.manners = 'failing';
    await suspensions.refuse(tenant, alice);
    await assert.rejects(suspensions.refuse(tenant, bob), { reason: 'HOMESERVER_UNAVAILABLE' });
    homeserver.manners = 'well';
    homeserver.revoke(admin.token);
    for (let round = 0; round < 10; round += 1) await assert.rejects(suspensions.refuse(tenant, bob), { reason: 'HOMESERVER_UNAVAILABLE' });
    assert.equal(circuits.of(tenant, 'homeserver').isOpen, false, 'nobody else has to suffer');
  });

  it('is nobody’s business where nothing is configured', async () => {
    await new Suspensions(HOUR_MS, new Circuits()).refuse(makeTenant({ client_api: homeserver.url }), '@alice:example.org');
    assert.deepEqual(homeserver.adminCalls, []);
  });
});
