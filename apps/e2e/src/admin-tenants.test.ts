import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { ADMIN, assertRefusal, byId, recordRemote } from './endpoints/admin/admin-calls.ts';
import { assertJson } from './harness/expect.ts';
import type { Answer } from './harness/http-call.ts';
import { downloadPath, readContentUri, type MediaUser } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const FIXED = { token: 'fixed-admin', user_id: '@fixed:two.example', admin: true };
const PLAIN = { token: 'fixed-user', user_id: '@plain:two.example' };
const ALONE = { token: 'alone-admin', user_id: '@alone:three.example', admin: true };
const LISTED = '@listed:two.example';
const CONFIG = '/_matrix/client/v1/media/config';
const STATISTICS = `${ADMIN}/statistics/users/media`;
const BITES_WITHIN_MS = 2000;

const site = await Site.open();
const second = await FakeHomeserver.start('two.example');
await site.configure({
  homeservers: [
    { server_name: site.serverName, client_api: site.homeserver.url, hosts: ['one'] },
    { server_name: second.serverName, client_api: second.url, hosts: ['two'], static_tokens: [FIXED, PLAIN], admins: [LISTED] },
    { server_name: 'three.example', hosts: ['three'], static_tokens: [ALONE] },
  ],
});
const program = await startProgram('services', site);
after(async () => {
  await stopProgram(program);
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const fixed = site.user({ userId: FIXED.user_id, token: FIXED.token });
const alone = site.user({ userId: ALONE.user_id, token: ALONE.token });

function at(user: MediaUser, host: string, path: string, method = 'GET'): Promise<Answer> {
  return user.call(path, { method, headers: { host } });
}

async function upload(user: MediaUser, host: string, body: string): Promise<MxcUri> {
  return readContentUri(await user.call('/_matrix/media/v3/upload', { method: 'POST', body, headers: { host } }));
}

it('an admin is whom the configuration names, by token or by user id, and nobody is asked of these', async () => {
  assertJson(await at(fixed, 'two', STATISTICS));
  assertJson(await at(site.user(second.addUser('listed')), 'two', STATISTICS));
  assertRefusal(await at(site.user({ userId: PLAIN.user_id, token: PLAIN.token }), 'two', STATISTICS), 403, 'M_FORBIDDEN', 'You are not a server admin');
  assertJson(await at(alone, 'three', STATISTICS));
  assert.deepEqual(second.adminCalls, []);
});

it('an admin of one homeserver is none of another', async () => {
  const admin = site.user(site.homeserver.addAdmin());
  assertJson(await at(admin, 'one', STATISTICS));
  assert.equal((await at(admin, 'two', STATISTICS)).status, 401);
  assertRefusal(await at(admin, 'three', STATISTICS), 401, 'M_UNKNOWN_TOKEN', 'Invalid access token passed.');
});

it('a user of another homeserver is no local user, and nobody knows who exists where no homeserver can be asked', async () => {
  assertRefusal(await at(fixed, 'two', `${ADMIN}/users/@a:${site.serverName}/media`), 400, 'M_UNKNOWN', 'Can only look up local users');
  assert.deepEqual(assertJson(await at(alone, 'three', `${ADMIN}/users/@nobody:three.example/media`)), { media: [], total: 0 });
});

it('media of another tenant is as unknown to an admin as if it were not there', async () => {
  const user = site.user();
  const uri = await upload(user, 'one', 'of tenant one');
  assertJson(await at(fixed, 'two', `${ADMIN}${byId(uri, 'quarantine/')}`, 'POST'));
  assertRefusal(await at(fixed, 'two', `${ADMIN}${byId(uri)}`), 404, 'M_NOT_FOUND', 'Unknown media');
  assertRefusal(await at(fixed, 'two', `${ADMIN}${byId(uri)}`, 'DELETE'), 400, 'M_UNKNOWN', 'Can only delete local media');
  assert.deepEqual(assertJson(await at(fixed, 'two', `${ADMIN}/user/${user.account.userId}/media/quarantine`, 'POST')), { num_quarantined: 0 });
  assertRefusal(await at(fixed, 'two', `${ADMIN}/media/protect/${uri.mediaId}`, 'POST'), 404, 'M_UNKNOWN', 'No row found (local_media_repository)');
  const { media_info: info } = assertJson(await at(site.user(site.homeserver.addAdmin()), 'one', `${ADMIN}${byId(uri)}`));
  assert.deepEqual([(info as Record<string, unknown>)['quarantined_by'], (await at(user, 'one', downloadPath(uri))).status], [null, 200]);
});

it('an admin reads what happened to media of his own and to copies of other servers’, not to another tenant’s', async () => {
  const admin = site.user(site.homeserver.addAdmin());
  const [one, two] = [await upload(site.user(), 'one', 'changes of one'), await upload(fixed, 'two', 'changes of two')];
  const copy = await recordRemote(site, one);
  assertJson(await at(admin, 'one', `${ADMIN}${byId(one, 'quarantine/')}`, 'POST'));
  assertJson(await at(fixed, 'two', `${ADMIN}${byId(two, 'quarantine/')}`, 'POST'));
  const read = async (user: MediaUser, host: string) => {
    const { changes } = assertJson(await at(user, host, `${ADMIN}/media/quarantine_changes`));
    return (changes as { media_id: string }[]).map(({ media_id: id }) => id).toSorted();
  };
  assert.deepEqual(await read(admin, 'one'), [one.mediaId, copy.mediaId].toSorted());
  assert.deepEqual(await read(fixed, 'two'), [two.mediaId, copy.mediaId].toSorted());
});

it('an admin sees hidden media of his own, and not another tenant’s', async () => {
  const uri = await upload(site.user(), 'one', 'hidden at one');
  const admin = site.user(site.homeserver.addAdmin());
  assertJson(await at(admin, 'one', `${ADMIN}${byId(uri, 'quarantine/')}`, 'POST'));
  const bypassing = `${downloadPath(uri)}?admin_unsafely_bypass_quarantine=true`;
  assert.equal((await at(admin, 'one', bypassing)).status, 200);
  await eventually(async () => assert.equal((await at(fixed, 'two', bypassing)).status, 404), BITES_WITHIN_MS);
});

it('a ban of bytes holds for every tenant', async () => {
  const [uri, twin] = [await upload(site.user(), 'one', 'bad everywhere'), await upload(fixed, 'two', 'bad everywhere')];
  assertJson(await at(site.user(site.homeserver.addAdmin()), 'one', `${ADMIN}${byId(uri, 'quarantine/')}`, 'POST'));
  await eventually(async () => assert.equal((await at(fixed, 'two', downloadPath(twin))).status, 404), BITES_WITHIN_MS);
  assert.equal((await at(fixed, 'two', CONFIG)).status, 200);
});
