import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { eventually } from '@medley/testing/eventually';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { makeTenant } from '../tenants.fixture.ts';
import type { Tenant } from '../tenants.ts';
import type { Circuits } from './circuit.ts';
import { TokenCheck, type TokenLifetimes } from './token-check.ts';

const NOBODY = { userId: undefined, deviceId: undefined };
const HOUR_MS = 3_600_000;

/** Which by itself believes nothing for any time. */
function checkFor(lifetimes: Partial<TokenLifetimes> = {}, circuits?: Circuits): TokenCheck {
  return new TokenCheck({ token_lifetime: 0, token_outage_lifetime: 0, token_refusal_lifetime: 0, ...lifetimes }, circuits);
}

describe('a token', () => {
  let homeserver: FakeHomeserver;
  let tenant: Tenant;
  before(async () => {
    homeserver = await FakeHomeserver.start('example.org');
    tenant = makeTenant({ client_api: homeserver.url });
  });
  beforeEach(() => {
    homeserver.manners = 'well';
    homeserver.calls.length = 0;
  });
  after(() => homeserver[Symbol.asyncDispose]());

  it('that is configured needs no homeserver', async () => {
    const requester = await checkFor().check(tenant, 'fixed', NOBODY);
    assert.deepEqual(requester, { userId: '@fixed:example.org', isGuest: false, isAdmin: true });
    assert.equal(homeserver.calls.length, 0);
  });

  it('is asked about once while its answer is believed, and once by requests that come together', async () => {
    const { token, userId } = homeserver.addUser();
    const check = checkFor({ token_lifetime: HOUR_MS });
    const answers = await Promise.all(Array.from({ length: 10 }, () => check.check(tenant, token, NOBODY)));
    await check.check(tenant, token, NOBODY);
    assert.ok(answers.every((answer) => answer.userId === userId));
    assert.equal(homeserver.calls.length, 1);
  });

  it('is asked about again for every masquerade, and the user that the homeserver names is the one', async () => {
    const { token } = homeserver.addAppservice('bridge');
    const check = checkFor({ token_lifetime: HOUR_MS });
    const as = (userId: string) => check.check(tenant, token, { userId, deviceId: undefined });
    assert.equal((await as('@bridge_a:example.org')).userId, '@bridge_a:example.org');
    assert.equal((await as('@bridge_b:example.org')).userId, '@bridge_b:example.org');
    await assert.rejects(as('@someone:example.org'), { name: 'HomeserverRefusal', status: 403 });
    assert.equal(homeserver.calls.length, 3);
  });

  it('of another tenant is asked about at that tenant', async () => {
    const { token } = homeserver.addUser();
    const check = checkFor({ token_lifetime: HOUR_MS });
    await check.check(tenant, token, NOBODY);
    await assert.rejects(check.check({ ...tenant, serverName: parseServerName('other.org') }, token, NOBODY), { reason: 'FORBIDDEN' });
    await assert.rejects(check.check({ ...tenant, clientApi: undefined }, 'stranger', NOBODY), { reason: 'UNKNOWN_TOKEN' });
  });

  it('is refused with all that the homeserver said, and asked about anew', async () => {
    const body = { errcode: 'M_USER_LOCKED', error: 'Locked', soft_logout: true };
    const token = homeserver.addRefused(401, body);
    const check = checkFor({ token_lifetime: HOUR_MS });
    for (let round = 1; round <= 2; round += 1) {
      await assert.rejects(check.check(tenant, token, NOBODY), { name: 'HomeserverRefusal', status: 401, body });
      assert.equal(homeserver.calls.length, round);
    }
  });

  for (const manners of ['failing', 'babbling'] as const) {
    it(`is neither good nor bad while the homeserver is ${manners}, and nothing is kept of that`, async () => {
      const { token, userId } = homeserver.addUser();
      const check = checkFor({ token_lifetime: HOUR_MS });
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
    await assert.rejects(checkFor().check({ ...tenant, clientApi }, 'x', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
  });

  it('says which device it belongs to, where the homeserver knows', async () => {
    const [user, { token }] = [homeserver.addUser(), homeserver.addAppservice('devices')];
    assert.equal((await checkFor().check(tenant, user.token, NOBODY)).deviceId, 'DEVICE');
    assert.equal((await checkFor().check(tenant, token, { userId: undefined, deviceId: 'BRIDGE' })).deviceId, 'BRIDGE');
    assert.equal('deviceId' in await checkFor().check(tenant, token, NOBODY), false);
  });

  it('that is unknown is not asked about again for a moment, and nothing else that is refused', async () => {
    const check = checkFor({ token_refusal_lifetime: HOUR_MS });
    const [locked, limited] = [homeserver.addRefused(401, { errcode: 'M_USER_LOCKED', error: '' }), homeserver.addRefused(429, { errcode: 'M_LIMIT_EXCEEDED', error: '' }, { 'retry-after': '7' })];
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(check.check(tenant, 'unknown', NOBODY), { name: 'HomeserverRefusal', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Invalid access token passed.', soft_logout: false } });
      await assert.rejects(check.check(tenant, locked, NOBODY), { status: 401 });
      await assert.rejects(check.check(tenant, limited, NOBODY), { status: 429, retryAfter: '7' });
    }
    assert.deepEqual(['unknown', locked, limited].map((token) => homeserver.callsOf(token).length), [1, 3, 3]);
  });

  it('meets a homeserver’s proxy that says in its own words that it is asked too often', async () => {
    const token = homeserver.addRefused(429, {}, { 'retry-after': '7' });
    await assert.rejects(checkFor().check(tenant, token, NOBODY), { reason: 'RATE_LIMITED', retryAfterMs: 7000 });
  });

  it('is not good because of an answer that is too large, or refused for one', async () => {
    for (const [status, body] of [[200, { user_id: '@big:example.org' }], [401, { errcode: 'M_UNKNOWN_TOKEN', error: '' }]] as const) {
      const token = homeserver.addRefused(status, { ...body, more: 'x'.repeat(70_000) });
      await assert.rejects(checkFor().check(tenant, token, NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    }
  });
});

describe('while the homeserver can’t be reached', () => {
  let homeserver: FakeHomeserver;
  let tenant: Tenant;
  let check: TokenCheck;
  beforeEach(async () => {
    homeserver = await FakeHomeserver.start('example.org');
    tenant = makeTenant({ client_api: homeserver.url });
    check = checkFor({ token_outage_lifetime: HOUR_MS });
  });
  afterEach(() => homeserver[Symbol.asyncDispose]());

  async function useUp(): Promise<void> {
    for (let round = 0; round < 5; round += 1) await assert.rejects(check.check(tenant, `stranger${round}`, NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
  }

  for (const how of ['failing', 'closed'] as const) {
    it(`(${how}) a token that was good still is, and others are neither good nor bad`, async () => {
      const { token, userId } = homeserver.addUser();
      await check.check(tenant, token, NOBODY);
      if (how === 'closed') await homeserver.close();
      else homeserver.manners = how;
      assert.equal((await check.check(tenant, token, NOBODY)).userId, userId);
      await useUp();
      assert.equal((await check.check(tenant, token, NOBODY)).userId, userId);
      await assert.rejects(check.check(tenant, 'stranger', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    });
  }

  it('no token is believed for longer than is configured', async () => {
    check = checkFor({ token_outage_lifetime: 1 });
    const { token } = homeserver.addUser();
    await check.check(tenant, token, NOBODY);
    homeserver.manners = 'failing';
    await eventually(() => assert.rejects(check.check(tenant, token, NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' }));
  });

  it('one request at a time tries it, and the hot path lets that one pass', async () => {
    const { token } = homeserver.addUser();
    await check.check(tenant, token, NOBODY);
    assert.equal(check.find(tenant, token) !== undefined, false);
    homeserver.manners = 'failing';
    await useUp();
    homeserver.calls.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => check.check(tenant, token, NOBODY)));
    await assert.rejects(check.check(tenant, 'stranger', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    assert.deepEqual([check.find(tenant, token) !== undefined, homeserver.calls.length], [true, 0]);
    homeserver.manners = 'well';
    await eventually(() => assert.equal(check.find(tenant, token) !== undefined, false));
    await check.check(tenant, token, NOBODY);
    await eventually(() => assert.equal(homeserver.calls.length, 1));
  });

  it('a token that was logged out meanwhile is not good any more once it is back', async () => {
    const { token } = homeserver.addUser();
    await check.check(tenant, token, NOBODY);
    homeserver.manners = 'failing';
    await useUp();
    homeserver.revoke(token);
    homeserver.manners = 'well';
    await eventually(() => assert.rejects(check.check(tenant, token, NOBODY), { name: 'HomeserverRefusal', status: 401 }));
  });

  it('a homeserver whose answers to somebody make no sense is not away', async () => {
    const odd = homeserver.addRefused(400, {});
    for (let round = 0; round < 10; round += 1) await assert.rejects(check.check(tenant, odd, NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    await check.check(tenant, homeserver.addUser().token, NOBODY);
  });

  it('a homeserver that is asked too often is not away', async () => {
    const { token } = homeserver.addUser();
    await check.check(tenant, token, NOBODY);
    homeserver.refuse(token, 429, { errcode: 'M_LIMIT_EXCEEDED', error: '' });
    await assert.rejects(check.check(tenant, token, NOBODY), { status: 429 });
  });
});
