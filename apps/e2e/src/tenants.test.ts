import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import type { Answer, CallOptions } from './harness/http-call.ts';
import { readContentUri, type MediaUser } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const UPLOAD = '/_matrix/media/v3/upload';
const FIXED = { token: 'fixed-token', user_id: '@fixed:two.example' };
const GUEST = { token: 'fixed-guest', user_id: '@guest:two.example', guest: true };

const site = await Site.open();
const second = await FakeHomeserver.start('two.example');
await site.configure({
  homeservers: [
    { server_name: site.serverName, client_api: site.homeserver.url, hosts: ['media.one.example'] },
    { server_name: second.serverName, client_api: second.url, hosts: ['media.two.example'], static_tokens: [FIXED, GUEST] },
  ],
});
const program = await startProgram('one-process', site);
after(async () => {
  await stopProgram(program);
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

function at(user: MediaUser, host: string, path: string, options: CallOptions = {}): Promise<Answer> {
  return user.call(path, { ...options, headers: { ...options.headers, host } });
}

it('mints ids of the homeserver whose host was called', async () => {
  const [one, two] = [site.user(), site.user(second.addUser())];
  assert.equal(readContentUri(await at(one, 'media.one.example', UPLOAD, { method: 'POST', body: 'x' })).origin, site.serverName);
  assert.equal(readContentUri(await at(two, 'MEDIA.two.example:8448', UPLOAD, { method: 'POST', body: 'x' })).origin, 'two.example');
});

it('believes a token only at its own homeserver, also while it remembers it', async () => {
  const user = site.user();
  assertJson(await at(user, 'media.one.example', CONFIG));
  assertError(await at(user, 'media.two.example', CONFIG), 401, 'M_UNKNOWN_TOKEN');
  assertJson(await at(user, 'media.one.example', CONFIG));
});

it('knows the tokens of the configuration at their own homeserver, and asks nobody about them', async () => {
  const [fixed, guest] = [FIXED, GUEST].map(({ user_id, token }) => site.user({ userId: user_id, token }));
  assert.ok(fixed !== undefined && guest !== undefined);
  const uri = readContentUri(await at(fixed, 'media.two.example', UPLOAD, { method: 'POST', body: 'bytes' }));
  assertBytes(await at(guest, 'media.two.example', `/_matrix/client/v1/media/download/${uri.origin}/${uri.mediaId}`), Buffer.from('bytes'));
  assertError(await at(guest, 'media.two.example', CONFIG), 403, 'M_GUEST_ACCESS_FORBIDDEN');
  assert.equal(second.callsOf(FIXED.token).length, 0);
  assertError(await at(fixed, 'media.one.example', CONFIG), 401, 'M_UNKNOWN_TOKEN');
});

it('does not guess whom a host that nobody configured means', async () => {
  assertError(await at(site.user(), 'elsewhere.example', CONFIG), 404, 'M_UNRECOGNIZED');
});

it('lets nobody fill an id that another homeserver reserved', async () => {
  const [one, two] = [site.user(), site.user(second.addUser())];
  const { origin, mediaId } = readContentUri(await at(one, 'media.one.example', '/_matrix/media/v1/create', { method: 'POST' }));
  const answer = await at(two, 'media.two.example', `${UPLOAD}/${origin}/${mediaId}`, { method: 'PUT', body: 'x' });
  assert.ok(answer.status === 403 || answer.status === 404, `got ${answer.status}`);
});
