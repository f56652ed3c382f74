import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { FakeAuthorizationServer } from '@medley/testing/fake-authorization-server';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { makeTenant } from '../tenants.fixture.ts';
import type { Tenant } from '../tenants.ts';
import { AdminCheck } from './admin-check.ts';
import type { Requester } from './requester.ts';
import { TokenCheck } from './token-check.ts';

const NOBODY = { userId: undefined, deviceId: undefined };
const HOUR_MS = 3_600_000;
const [API, OLD_API] = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*'];

describe('an OAuth 2.0 token', () => {
  let server: FakeAuthorizationServer;
  let homeserver: FakeHomeserver;
  let tenant: Tenant;
  before(async () => {
    server = await FakeAuthorizationServer.start();
    homeserver = await FakeHomeserver.start('example.org');
    tenant = tenantWith({ client_id: 'a:b', client_secret: 's c' });
  });
  beforeEach(() => {
    server.status = 200;
    homeserver.manners = 'well';
    server.calls.length = 0;
    homeserver.calls.length = 0;
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await homeserver[Symbol.asyncDispose]();
  });

  function tenantWith(introspection: object, parts: object = { client_api: homeserver.url }): Tenant {
    return makeTenant({ introspection: { endpoint: server.endpoint, ...introspection }, ...parts });
  }

  function makeCheck(outageMs = 0): TokenCheck {
    return new TokenCheck({ token_lifetime: outageMs === 0 ? HOUR_MS : 0, token_outage_lifetime: outageMs, token_refusal_lifetime: HOUR_MS });
  }

  function ask(said: Readonly<Record<string, unknown>>, at = tenant): Promise<Requester> {
    const token = crypto.randomUUID();
    server.tokens.set(token, said);
    return makeCheck().check(at, token, NOBODY);
  }

  it('is its user’s, from the device that it names or has a scope for', async () => {
    const alice = { userId: '@alice:example.org', isGuest: false, isAdmin: false };
    assert.deepEqual(await ask({ username: 'alice', sub: '01ABC', scope: `openid ${API}` }), alice);
    assert.deepEqual(await ask({ username: 'alice', scope: OLD_API, device_id: 'D E' }), { ...alice, deviceId: 'D E' });
    for (const prefix of ['urn:matrix:client', 'urn:matrix:org.matrix.msc2967.client']) {
      assert.deepEqual(await ask({ sub: '@alice:example.org', scope: `${API} ${prefix}:device:ABC` }), { ...alice, deviceId: 'ABC' });
    }
    assert.equal(homeserver.calls.length, 0);
  });

  it('is a guest’s or an admin’s by its scopes, and nobody else is asked', async () => {
    assert.equal((await ask({ username: 'g', scope: 'urn:matrix:org.matrix.msc2967.client:api:guest urn:synapse:admin:*' })).isGuest, true);
    const requester = await ask({ username: 'root', scope: `${API} urn:synapse:admin:*` });
    assert.deepEqual([requester.isGuest, requester.isAdmin], [false, true]);
    assert.equal(await new AdminCheck(0).isAdmin({ tenant, requester, token: 'x', masquerade: undefined }), true);
    assert.equal((await ask({ username: 'root', scope: `${API} urn:synapse:admin:*` }, tenantWith({ client_secret: 's', admin_scopes: ['boss'] }))).isAdmin, false);
    assert.deepEqual(homeserver.adminCalls, []);
  });

  it('gives no right to media without a scope for Matrix, or to a user of another server', async () => {
    await assert.rejects(ask({ username: 'alice', scope: 'openid urn:synapse:admin:*' }), { reason: 'FORBIDDEN' });
    await assert.rejects(ask({ username: 'alice' }), { reason: 'FORBIDDEN' });
    await assert.rejects(ask({ username: '@alice:other.org', scope: API }), { reason: 'FORBIDDEN' });
    await assert.rejects(ask({ sub: '01ABC', scope: API }), { reason: 'HOMESERVER_UNAVAILABLE' });
  });

  it('is asked about with the client’s credentials, or with the secret alone', async () => {
    await ask({ username: 'alice', scope: API });
    await ask({ username: 'alice', scope: API }, tenantWith({ client_secret: 'shared' }));
    assert.deepEqual(server.calls.map(({ authorization }) => authorization), [`Basic ${btoa('a%3Ab:s+c')}`, 'Bearer shared']);
  });

  it('that is not active is asked about at the homeserver, where there is one, and then left alone for a moment', async () => {
    const { token, userId } = homeserver.addUser();
    const check = makeCheck();
    assert.equal((await check.check(tenant, token, NOBODY)).userId, userId);
    await assert.rejects(check.check(tenant, 'unknown', NOBODY), { name: 'HomeserverRefusal', status: 401 });
    await assert.rejects(check.check(tenant, 'unknown', NOBODY), { name: 'HomeserverRefusal', status: 401 });
    await assert.rejects(check.check(tenantWith({ client_secret: 's' }, { server_name: 'alone.org' }), token, NOBODY), { reason: 'UNKNOWN_TOKEN' });
    assert.deepEqual([server.calls.length, homeserver.calls.length], [3, 2]);
  });

  it('is believed no longer than it lasts, also while nobody can be asked', async () => {
    const check = makeCheck(HOUR_MS);
    server.tokens.set('short', { username: 'alice', scope: API, exp: Date.now() / 1000 - 1 });
    server.tokens.set('long', { username: 'alice', scope: API, exp: Date.now() / 1000 + 3600, expires_in: 3600 });
    await check.check(tenant, 'short', NOBODY);
    await check.check(tenant, 'long', NOBODY);
    server.status = 500;
    await assert.rejects(check.check(tenant, 'short', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    assert.equal((await check.check(tenant, 'long', NOBODY)).userId, '@alice:example.org');
  });

  it('that was active and is not any more is over, also where the homeserver can’t be asked', async () => {
    const check = makeCheck(HOUR_MS);
    server.tokens.set('revoked', { username: 'alice', scope: API });
    const { token, userId } = homeserver.addUser();
    await check.check(tenant, 'revoked', NOBODY);
    await check.check(tenant, token, NOBODY);
    server.tokens.delete('revoked');
    homeserver.manners = 'failing';
    for (let round = 0; round < 2; round += 1) await assert.rejects(check.check(tenant, 'revoked', NOBODY), { reason: 'HOMESERVER_UNAVAILABLE' });
    assert.equal((await check.check(tenant, token, NOBODY)).userId, userId, 'which only the homeserver knows');
  });

  for (const status of [401, 403, 500]) {
    it(`is neither good nor bad where the endpoint answers ${status}`, async () => {
      server.status = status;
      await assert.rejects(ask({ username: 'alice', scope: API }), { reason: 'HOMESERVER_UNAVAILABLE' });
    });
  }
});
