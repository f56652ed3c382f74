import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import type { Tenant } from '../tenants.ts';
import { TokenCheck } from './token-check.ts';

const NOBODY = { userId: undefined, deviceId: undefined };
const HOUR_MS = 3_600_000;

describe('a token', () => {
  let homeserver: FakeHomeserver;
  let tenant: Tenant;
  before(async () => {
    homeserver = await FakeHomeserver.start('example.org');
    const staticTokens = [{ token: 'fixed', user_id: '@fixed:example.org', admin: true, guest: false }];
    tenant = { serverName: parseServerName('example.org'), clientApi: homeserver.url, staticTokens, admins: [], hsToken: undefined, hasPreviews: true };
  });
  beforeEach(() => {
    homeserver.manners = 'well';
    homeserver.calls.length = 0;
  });
  after(() => homeserver[Symbol.asyncDispose]());

  it('that is configured needs no homeserver', async () => {
    const requester = await new TokenCheck(0).check(tenant, 'fixed', NOBODY);
    assert.deepEqual(requester, { userId: '@fixed:example.org', isGuest: false, isAdmin: true });
    assert.equal(homeserver.calls.length, 0);
  });

  it('is asked about once while its answer is believed, and once by requests that come together', async () => {
    const { token, userId } = homeserver.addUser();
    const check = new TokenCheck(HOUR_MS);
    const answers = await Promise.all(Array.from({ length: 10 }, () => check.check(tenant, token, NOBODY)));
    await check.check(tenant, token, NOBODY);
    assert.ok(answers.every((answer) => answer.userId === userId));
    assert.equal(homeserver.calls.length, 1);
  });

  it('is asked about again for every masquerade, and the user that the homeserver names is the one', async () => {
    const { token } = homeserver.addAppservice('bridge');
    const check = new TokenCheck(HOUR_MS);
    const as = (userId: string) => check.check(tenant, token, { userId, deviceId: undefined });
    assert.equal((await as('@bridge_a:example.org')).userId, '@bridge_a:example.org');
    assert.equal((await as('@bridge_b:example.org')).userId, '@bridge_b:example.org');
    await assert.rejects(as('@someone:example.org'), { name: 'HomeserverRefusal', status: 403 });
    assert.equal(homeserver.calls.length, 3);
  });

  it('of another tenant is asked about at that tenant', async () => {
    const { token } = homeserver.addUser();
    const check = new TokenCheck(HOUR_MS);
    await check.check(tenant, token, NOBODY);
    await assert.rejects(check.check({ ...tenant, serverName: parseServerName('other.org') }, token, NOBODY), { reason: 'FORBIDDEN' });
    await assert.rejects(check.check({ ...tenant, clientApi: undefined }, 'stranger', NOBODY), { reason: 'UNKNOWN_TOKEN' });
  });

  it('is refused with all that the homeserver said, and asked about anew', async () => {
    const body = { errcode: 'M_USER_LOCKED', error: 'Locked', soft_logout: true };
    const token = homeserver.addRefused(401, body);
    const check = new TokenCheck(HOUR_MS);
    for (let round = 1; round <= 2; round += 1) {
      await assert.rejects(check.check(tenant, token, NOBODY), { name: 'HomeserverRefusal', status: 401, body });
      assert.equal(homeserver.calls.length, round);
    }
  });

  for (const manners of ['failing', 'babbling'] as const) {
    it(`is neither good nor bad while the homeserver is ${manners}, and nothing is kept of that`, async () => {
      const { token, userId } = homeserver.addUser();
      const check = new TokenCheck(HOUR_MS);
      homeserver.manners = manners;
      await assert.rejects(check.check(tenant, token, NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
      homeserver.manners = 'well';
      assert.equal((await check.check(tenant, token, NOBODY)).userId, userId);
    });
  }

  it('is neither good nor bad where no homeserver listens', async () => {
    const gone = await FakeHomeserver.start('example.org');
    const clientApi = gone.url;
    await gone[Symbol.asyncDispose]();
    await assert.rejects(new TokenCheck(0).check({ ...tenant, clientApi }, 'x', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
  });
});
