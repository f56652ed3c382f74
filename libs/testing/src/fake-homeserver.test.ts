import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonObject } from '@medley/matrix/sign-json';
import { parseSigningKeys } from '@medley/matrix/signing-key';
import { isSignedBy } from '@medley/matrix/verify-json';
import { FakeHomeserver } from './fake-homeserver.ts';

async function whoami(homeserver: FakeHomeserver, token: string, query = ''): Promise<[number, unknown]> {
  const url = `${homeserver.url}/_matrix/client/v3/account/whoami${query}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return [response.status, await response.json()];
}

it('knows its users and guests, and nobody else', async () => {
  await using homeserver = await FakeHomeserver.start('example.org');
  const user = homeserver.addUser('alice');
  assert.deepEqual(await whoami(homeserver, user.token), [200, { user_id: '@alice:example.org', device_id: 'DEVICE' }]);
  const [, guest] = await whoami(homeserver, homeserver.addGuest().token);
  assert.ok(typeof guest === 'object' && guest !== null && 'is_guest' in guest);
  homeserver.revoke(user.token);
  assert.equal((await whoami(homeserver, user.token))[0], 401);
  assert.equal(homeserver.callsOf(user.token).length, 2);
});

it('lets an appservice act as its own users only', async () => {
  await using homeserver = await FakeHomeserver.start('example.org');
  const { token } = homeserver.addAppservice('bridge');
  assert.deepEqual(await whoami(homeserver, token, '?user_id=@bridge_bob:example.org'), [200, { user_id: '@bridge_bob:example.org' }]);
  assert.equal((await whoami(homeserver, token, '?user_id=@alice:example.org'))[0], 403);
  assert.equal((await whoami(homeserver, token, '?device_id=NOPE'))[0], 400);
});

it('answers again on the same port after it was closed', async () => {
  await using homeserver = await FakeHomeserver.start('example.org');
  const { url } = homeserver;
  await homeserver.close();
  await assert.rejects(whoami(homeserver, 'x'));
  await homeserver.open();
  assert.equal(homeserver.url, url);
  assert.equal((await whoami(homeserver, 'x'))[0], 401);
});

it('tells other servers the key that its server signs with', async () => {
  await using homeserver = await FakeHomeserver.start('example.org');
  const answer = await (await fetch(`${homeserver.url}/_matrix/key/v2/server`)).json() as JsonObject & { readonly signatures: Record<string, Record<string, string>> };
  const [{ keyId, publicKey }] = parseSigningKeys(homeserver.keys.signingKey);
  assert.ok(isSignedBy(answer, answer.signatures['example.org']?.[keyId] ?? '', publicKey));
  assert.equal(homeserver.calls.length, 0);
});

async function askAdmin(homeserver: FakeHomeserver, token: string, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${homeserver.url}/_synapse/admin/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return [response.status, await response.json()];
}

it('tells its admins, and nobody else, who is an admin and which media a room has', async () => {
  await using homeserver = await FakeHomeserver.start('example.org');
  const [admin, user] = [homeserver.addAdmin('root'), homeserver.addUser('alice')];
  homeserver.setRoomMedia('!room:example.org', { local: ['mxc://example.org/a'], remote: [] });
  assert.deepEqual(await askAdmin(homeserver, admin.token, 'users/%40root%3Aexample.org/admin'), [200, { admin: true }]);
  assert.deepEqual(await askAdmin(homeserver, admin.token, 'users/@alice:example.org/admin'), [200, { admin: false }]);
  assert.deepEqual(await askAdmin(homeserver, admin.token, 'room/!room:example.org/media'), [200, { local: ['mxc://example.org/a'], remote: [] }]);
  assert.deepEqual(await askAdmin(homeserver, admin.token, 'room/!unknown:example.org/media'), [200, { local: [], remote: [] }]);
  assert.equal((await askAdmin(homeserver, user.token, 'users/@alice:example.org/admin'))[0], 403);
  assert.equal((await askAdmin(homeserver, 'unknown', 'users/@alice:example.org/admin'))[0], 401);
  homeserver.isSynapse = false;
  assert.equal((await askAdmin(homeserver, admin.token, 'users/@root:example.org/admin'))[0], 404);
  assert.equal(homeserver.adminCalls.length, 6);
});
