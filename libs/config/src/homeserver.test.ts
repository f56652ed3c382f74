import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ConfigError, resolveConfig } from './load.ts';

const APPSERVICE = { id: 'x', as_token: 'y', sender_localpart: 'z' };

async function mistakesOf(homeserver: object, more: object = {}): Promise<readonly string[]> {
  const error = await resolveConfig({ homeservers: [{ server_name: 'a.example', ...homeserver }], ...more }, {}).catch((reason: unknown) => reason);
  assert.ok(error instanceof ConfigError, String(error));
  return error.mistakes;
}

describe('a homeserver', () => {
  it('has the appservices of its own registration files', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'irc.yaml');
    await writeFile(path, 'id: irc\nurl: http://irc\nas_token: a\nhs_token: h\nsender_localpart: bot\nrate_limited: false\nnamespaces: { users: [{ exclusive: true, regex: "@irc_.*" }], rooms: [] }\n');
    const { homeservers: [homeserver] } = await resolveConfig({ homeservers: [{ server_name: 'a.example', appservices: [{ registration_file: path }, APPSERVICE] }] }, {});
    assert.deepEqual(homeserver?.appservices, [
      { id: 'irc', as_token: 'a', sender_localpart: 'bot', namespaces: { users: [{ regex: '@irc_.*' }] }, rate_limited: false },
      { ...APPSERVICE, namespaces: { users: [] }, rate_limited: true },
    ]);
  });

  const mistakes: [string, object, RegExp][] = [
    ['an appservice whose file is none', { appservices: [{ registration: 'a: [' }] }, /^homeservers\[0\]\.appservices\[0\]: the registration is no YAML object/],
    ['an appservice that lacks its token', { appservices: [{ registration: 'id: x' }] }, /appservices\[0\]\.as_token/],
    ['an appservice with a key that is none', { appservices: [{ ...APPSERVICE, rate_limit: false }] }, /Unrecognized key: "rate_limit"/],
    ['an expression of another language', { appservices: [{ ...APPSERVICE, namespaces: { users: [{ regex: '(?P<x>a)' }] } }] }, /users\[0\]\.regex: is no regular expression/],
    ['two appservices with one token', { appservices: [APPSERVICE, { ...APPSERVICE, id: 'w' }] }, /appservices\[1\]: has the id or the as_token/],
    ['a look-up of suspended users without a token', { client_api: 'http://a', suspension: { check: 'spec' } }, /suspension\.token: an admin’s token is needed/],
    ['a look-up of suspended users with nobody to ask', { suspension: { check: 'spec', token: 'x' } }, /suspension\.check: needs a client_api/],
    ['an introspection without a secret', { introspection: { endpoint: 'https://mas/oauth2/introspect' } }, /introspection\.client_secret/],
    ['a host that is none', { hosts: ['http://a.example/'] }, /hosts\[0\]: is not a host name/],
  ];
  for (const [what, homeserver, told] of mistakes) {
    it(`can’t have ${what}`, async () => assert.match((await mistakesOf(homeserver)).join('\n'), told));
  }

  it('can’t have a global admin of a server that is not here', async () => {
    assert.deepEqual(await mistakesOf({}, { global_admins: ['@root:a.example', '@root:b.example'] }), ['global_admins[1]: is not a user of a homeserver that is configured']);
  });

  it('can’t share the token by which it pushes events', async () => {
    const homeservers = ['a.example', 'b.example'].map((server_name) => ({ server_name, appservice: { hs_token: 'same' } }));
    assert.deepEqual(await mistakesOf({}, { homeservers }), ['homeservers[1].appservice.hs_token: is that of another homeserver, too']);
  });
});
