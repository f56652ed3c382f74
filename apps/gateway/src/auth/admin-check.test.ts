import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { FakeHomeserver, type Account } from '@medley/testing/fake-homeserver';
import { makeTenant } from '../tenants.fixture.ts';
import type { Tenant } from '../tenants.ts';
import { AdminCheck, type AdminClaim } from './admin-check.ts';

const HOUR_MS = 3_600_000;

describe('an admin', () => {
  let homeserver: FakeHomeserver;
  let tenant: Tenant;
  before(async () => {
    homeserver = await FakeHomeserver.start('example.org');
    const static_tokens = [{ token: 'fixed', user_id: '@fixed:example.org' }];
    tenant = makeTenant({ client_api: homeserver.url, static_tokens, admins: ['@listed:example.org'] }, ['@global:example.org', '@global:other.org']);
  });
  beforeEach(() => {
    homeserver.manners = 'well';
    homeserver.isSynapse = true;
    homeserver.adminCalls.length = 0;
  });
  after(() => homeserver[Symbol.asyncDispose]());

  function claim({ userId, token }: Account, parts: Partial<AdminClaim> = {}): AdminClaim {
    return { tenant, requester: { userId, isGuest: false, isAdmin: false }, token, masquerade: undefined, ...parts };
  }

  it('is who has a token of an admin, or is listed in the configuration, and nobody is asked', async () => {
    const check = new AdminCheck(HOUR_MS);
    assert.equal(await check.isAdmin(claim({ userId: '@listed:example.org', token: 'any' })), true);
    assert.equal(await check.isAdmin(claim({ userId: '@global:example.org', token: 'any' })), true);
    const requester = { userId: '@fixed:example.org', isGuest: false, isAdmin: true };
    assert.equal(await check.isAdmin(claim({ userId: '@fixed:example.org', token: 'fixed' }, { requester })), true);
    assert.deepEqual(homeserver.adminCalls, []);
  });

  it('is nobody with a configured token that says nothing of it, whom the homeserver would not know', async () => {
    assert.equal(await new AdminCheck(HOUR_MS).isAdmin(claim({ userId: '@fixed:example.org', token: 'fixed' })), false);
    assert.equal(await new AdminCheck(HOUR_MS).isAdmin(claim(homeserver.addAdmin(), { tenant: { ...tenant, clientApi: undefined } })), false);
    assert.deepEqual(homeserver.adminCalls, []);
  });

  it('is no guest, whatever is said of the name', async () => {
    const requester = { userId: '@listed:example.org', isGuest: true, isAdmin: false };
    assert.equal(await new AdminCheck(HOUR_MS).isAdmin(claim({ userId: '@listed:example.org', token: 'any' }, { requester })), false);
  });

  it('is asked about once while the answer is believed, and once by requests that come together', async () => {
    const admin = homeserver.addAdmin();
    const check = new AdminCheck(HOUR_MS);
    assert.deepEqual(await Promise.all(Array.from({ length: 5 }, () => check.isAdmin(claim(admin)))), [true, true, true, true, true]);
    assert.equal(await check.isAdmin(claim(admin)), true);
    assert.deepEqual(homeserver.adminCalls, [`/_synapse/admin/v1/users/${admin.userId}/admin`]);
  });

  it('is asked about again with another token, and where it was none', async () => {
    const [admin, user] = [homeserver.addAdmin(), homeserver.addUser()];
    const check = new AdminCheck(HOUR_MS);
    assert.equal(await check.isAdmin(claim(admin)), true);
    await assert.rejects(check.isAdmin(claim({ ...admin, token: 'another' })), { name: 'HomeserverRefusal', status: 401 });
    for (let round = 0; round < 2; round += 1) assert.equal(await check.isAdmin(claim(user)), false);
    assert.equal(homeserver.adminCalls.length, 4);
  });

  it('is nobody where the homeserver knows no such call', async () => {
    homeserver.isSynapse = false;
    assert.equal(await new AdminCheck(HOUR_MS).isAdmin(claim(homeserver.addAdmin())), false);
  });

  for (const manners of ['failing', 'babbling'] as const) {
    it(`is neither admin nor not while the homeserver is ${manners}, and nothing is kept of that`, async () => {
      const admin = homeserver.addAdmin();
      const check = new AdminCheck(HOUR_MS);
      homeserver.manners = manners;
      await assert.rejects(check.isAdmin(claim(admin)), { reason: 'HOMESERVER_UNAVAILABLE' });
      homeserver.manners = 'well';
      assert.equal(await check.isAdmin(claim(admin)), true);
    });
  }
});
