import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ConfigError, resolveConfig } from './load.ts';
import { placesOf, storeOf } from './own-stores.ts';

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
    ['a retention of other servers’ media', { retention: { rules: [{ name: 'x', kind: 'remote', older_than: '1d' }] } }, /retention\.rules\[0\]\.kind/],
    ['a rule of retention that says no time', { retention: { rules: [{ name: 'x', kind: 'local' }] } }, /retention\.rules\[0\]: needs older_than/],
    ['a rule of retention for somebody else’s user', { retention: { rules: [{ name: 'x', kind: 'local', older_than: '1d', user: '@x:z.example' }] } }, /retention\.rules\[0\]\.user: is not a user of/],
    ['a host that is none', { hosts: ['http://a.example/'] }, /hosts\[0\]: is not a host name/],
  ];
  const s3 = { kind: 's3', endpoint: 'http://s3', bucket: 'media', access_key: 'a', secret_key: 's' };
  const [alone, both] = [{ storage: { bucket: 'b-media' } }, { storage: { bucket: 'b-media', prefix: 'b/' } }];
  it('has a place of its own in S3, and what it does not say of it is as in storage', async () => {
    const homeservers = [{ server_name: 'z.example' }, { server_name: 'c.example', storage: { prefix: 'c/' } }, { server_name: 'b.example', ...alone }];
    const config = await resolveConfig({ storage: { ...s3, prefix: 'all/' }, homeservers }, {});
    assert.deepEqual([...placesOf(config)], [
      ['', { kind: 's3', bucket: 'media', prefix: 'all/' }],
      ['b.example', { kind: 's3', bucket: 'b-media', prefix: 'all/' }],
      ['c.example', { kind: 's3', bucket: 'media', prefix: 'c/' }],
    ]);
    assert.deepEqual(config.homeservers.map(storeOf), ['', 'c.example', 'b.example']);
  });

  const places: [string, object, object[], RegExp][] = [
    ['a folder where storage is S3', s3, [{ storage: { path: '/b' } }], /^homeservers\[1\]\.storage: needs a bucket or a prefix/],
    ['nothing said of it where storage is S3', s3, [{ storage: {} }], /^homeservers\[1\]\.storage: needs a bucket or a prefix/],
    ['a bucket where storage is a folder', { kind: 'filesystem' }, [alone], /^homeservers\[1\]\.storage: needs a path/],
    ['the common place', { ...s3, prefix: 'b/' }, [{ storage: { prefix: 'b/' } }], /^homeservers\[1\]\.storage: is the place of storage$/],
    ['the common folder by another name', { kind: 'filesystem' }, [{ storage: { path: 'data/x/../blobs' } }], /^homeservers\[1\]\.storage: is the place of storage$/],
    ['a place among blobs', s3, [{ storage: { prefix: 'staging/' } }], /^homeservers\[1\]\.storage: lies among the blobs of storage/],
    ['a place that others lie within', { kind: 'filesystem' }, [{ storage: { path: './data' } }], /^homeservers\[1\]\.storage: lies among the blobs of storage, or these/],
    ['another’s place', { ...s3, prefix: 'b/' }, [alone, both], /^homeservers\[2\]\.storage: is the place of homeservers\[1\]\.storage$/],
  ];
  for (const [what, storage, others, told] of places) {
    it(`can’t have ${what} as its own store`, async () => {
      const homeservers = [{}, ...others].map((one, index) => ({ server_name: `${index}.example`, ...one }));
      assert.match((await mistakesOf({}, { storage, homeservers })).join('\n'), told);
    });
  }

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
