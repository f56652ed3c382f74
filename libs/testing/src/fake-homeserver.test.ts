import assert from 'node:assert/strict';
import { it } from 'node:test';
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
