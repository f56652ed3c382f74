import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { startWeb, WEB_NETWORK } from '@medley/testing/scripted-web';
import { PREVIEW_URL } from './endpoints/url-preview.ts';
import { assertError, assertJson } from './harness/expect.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const CONFIG = '/_matrix/client/v1/media/config';
const CAPABILITY = 'io.element.msc4452.preview_url';

const site = await Site.open();
const second = await FakeHomeserver.start('two.example');
const web = await startWeb({ '/': '<title>Home</title>' });
await site.configure({
  homeservers: [
    { server_name: site.serverName, client_api: site.homeserver.url, hosts: ['one.example'] },
    { server_name: second.serverName, client_api: second.url, url_previews: { enabled: false } },
  ],
  url_previews: { ports: 'any', allowed_networks: [WEB_NETWORK] },
});
const program = await startProgram('one-process', site);
after(async () => {
  await stopProgram(program);
  await web[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

it('refuses previews to the users of a homeserver that has none, says so beforehand, and answers those of another', async () => {
  const [one, two] = [site.user(), site.user(second.addUser())];
  const query = { url: `${web.origin}/` };
  assertError(await two.call(PREVIEW_URL, { query, headers: { host: 'two.example' } }), 403, 'M_FORBIDDEN');
  assert.deepEqual(assertJson(await two.call(CONFIG, { headers: { host: 'two.example' } }))[CAPABILITY], { enabled: false });
  assert.deepEqual(assertJson(await one.call(PREVIEW_URL, { query, headers: { host: 'one.example' } })), { 'og:title': 'Home' });
  assert.deepEqual(assertJson(await one.call(CONFIG, { headers: { host: 'one.example' } }))[CAPABILITY], { enabled: true });
});
