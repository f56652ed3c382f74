import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { listOf, MedleyApi, paramsOf } from './endpoints/medley/medley-api.ts';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { HostUser } from './harness/host-user.ts';
import type { CallOptions } from './harness/http-call.ts';
import { downloadPath, readContentUri, uploadPath } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const HOSTS = ['media.one.example', 'media.two.example'] as const;
const BRIDGE = { id: 'bridge', as_token: 'as-token-of-two', sender_localpart: 'bridge', namespaces: { users: [{ regex: '@.*' }] } };

const site = await Site.open();
const second = await FakeHomeserver.start('two.example');
const GLOBAL_ADMIN = `@root:${site.serverName}`;
await site.configure({
  homeservers: [
    { server_name: site.serverName, client_api: site.homeserver.url, hosts: [HOSTS[0]] },
    { server_name: second.serverName, client_api: second.url, hosts: [HOSTS[1], 'medley'], appservices: [BRIDGE] },
  ],
  global_admins: [GLOBAL_ADMIN],
});
const program = await startProgram('one-process', site);
after(async () => {
  await stopProgram(program);
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const ofOne = (): HostUser => new HostUser(site, site.homeserver.addUser(), HOSTS[0]);
const ofTwo = (): HostUser => new HostUser(site, second.addUser(), HOSTS[1]);
const bridge = new HostUser(site, { userId: '@bridge:two.example', token: BRIDGE.as_token }, HOSTS[1]);
const globalAdmin = new MedleyApi(site, new HostUser(site, site.homeserver.addUser('root'), HOSTS[0]));

it('the host of a tenant may be written with its port, a dot, other letters, or a name that only we know', async () => {
  for (const host of ['MEDIA.two.example', 'media.two.example.', 'media.two.example.:8008', 'two.example:443', 'medley:8008']) {
    assertJson(await ofTwo().call(CONFIG, { headers: { host } }));
  }
});

it('a host that nobody has is named, quoted, in the refusal', async () => {
  const { error } = assertError(await ofTwo().call(CONFIG, { headers: { host: 'else"where' } }), 404, 'M_UNRECOGNIZED');
  assert.equal(error, 'No homeserver is configured for the host "else\\"where"');
});

it('nobody of another tenant fills an id that was reserved', async () => {
  const creator = ofOne();
  const mine = await creator.create();
  const others: readonly (readonly [HostUser, MxcUri, CallOptions?])[] = [
    [ofTwo(), mine],
    [ofTwo(), { ...mine, origin: second.serverName as MxcUri['origin'] }],
    [new HostUser(site, creator.account, HOSTS[1]), mine],
    [new HostUser(site, second.addUser(), HOSTS[0]), mine],
    [bridge, mine],
    [bridge, mine, { query: { user_id: creator.account.userId } }],
    [new HostUser(site, bridge.account, HOSTS[0]), mine, { query: { user_id: creator.account.userId } }],
  ];
  for (const [caller, uri, options] of others) {
    const { status, body } = await caller.call(uploadPath(uri), { method: 'PUT', body: 'theirs', ...options });
    assert.ok([401, 403, 404].includes(status), `${status} ${body}`);
  }
  assertJson(await creator.put(mine, 'mine'));
  assertBytes(await ofTwo().call(downloadPath(mine)), Buffer.from('mine'));
});

it('an appservice acts for users of its own homeserver, whatever its namespaces say', async () => {
  const as = (userId: string): CallOptions => ({ method: 'POST', body: 'x', query: { user_id: userId } });
  assert.equal(readContentUri(await bridge.call('/_matrix/media/v3/upload', as('@anybody:two.example'))).origin, 'two.example');
  const refused = assertError(await bridge.call('/_matrix/media/v3/upload', as(`@anybody:${site.serverName}`)), 403, 'M_FORBIDDEN');
  assert.equal(refused['error'], 'Application service cannot masquerade as this user.');
  assert.equal(second.callsOf(BRIDGE.as_token).length, 0);
});

it('bytes that another tenant has already are taken like any others', async () => {
  const body = Buffer.alloc(200_000, crypto.randomUUID());
  const answers = [];
  for (const user of [ofOne(), ofTwo(), ofTwo()]) answers.push(await user.tryUpload(body));
  const uris = answers.map(readContentUri);
  assert.equal(new Set(uris.map(toMxcText)).size, 3);
  const shapes = answers.map(({ status, headers, body: { byteLength } }) => [status, Object.keys(headers).toSorted(), byteLength]);
  assert.deepEqual(shapes[1], shapes[2]);
  assert.deepEqual(shapes[0]?.slice(0, 2), shapes[1]?.slice(0, 2));
});

it('a global admin does to every tenant’s media what its own admins do, and it is written down', async () => {
  const [mine, theirs] = [await ofOne().upload('global one'), await ofTwo().upload('global two')];
  const found = await globalAdmin.search({ user: '@nobody:two.example' });
  assert.deepEqual(found, []);
  for (const uri of [mine, theirs]) await globalAdmin.on('medleyQuarantineMedia', uri, { body: { reason: 'global' } });
  await eventually(async () => assertError(await ofTwo().call(downloadPath(theirs)), 404, 'M_NOT_FOUND'));
  const bypassing = { query: { admin_unsafely_bypass_quarantine: true } };
  assertBytes(await globalAdmin.admin.call(downloadPath(theirs), bypassing), Buffer.from('global two'));
  const { changes } = await globalAdmin.call('medleyGetAudit', { query: { media: toMxcText(theirs) } });
  assert.deepEqual(listOf(changes).map(({ kind, by }) => [kind, by]), [['quarantined', GLOBAL_ADMIN]]);
  const { done } = await globalAdmin.runJob({ action: 'release', filter: { origin: second.serverName, quarantined: true } });
  assert.equal(done, 1);
  await eventually(async () => assertBytes(await ofTwo().call(downloadPath(theirs)), Buffer.from('global two')));
});

it('a tenant’s admin is none of another tenant, and has no global eyes', async () => {
  const theirs = await ofTwo().upload('not for admins of one');
  const admin = new MedleyApi(site, new HostUser(site, site.homeserver.addAdmin(), HOSTS[0]));
  assertError(await admin.try('medleyGetMedia', { params: paramsOf(theirs) }), 404, 'M_NOT_FOUND');
  const namesake = new MedleyApi(site, new HostUser(site, second.addUser('root'), HOSTS[1]));
  assertError(await namesake.try('medleyGetMedia', { params: paramsOf(theirs) }), 403, 'M_FORBIDDEN');
});
