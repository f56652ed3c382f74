import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ELSEWHERE_TLS, REMOTE_AUTHORITY, REMOTE_TLS } from '@medley/testing/fake-remote-certificates';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ConfigError, loadConfig, resolveConfig } from './load.ts';

const MINIMAL = { homeservers: [{ server_name: 'example.org' }] };

async function mistakesOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof ConfigError, `expected a ConfigError, got ${String(error)}`);
  return error.mistakes;
}

describe('a configuration', () => {
  it('needs nothing but a homeserver', async () => {
    const config = await resolveConfig(MINIMAL, {});
    assert.deepEqual([config.listen.host, config.listen.port], ['127.0.0.1', 8008]);
    assert.deepEqual([config.metadata.kind, config.storage.kind, config.uploads.max_bytes], ['sqlite', 'filesystem', 50 * 2 ** 20]);
  });

  const quantities: [string, string | number, number][] = [
    ['max_bytes', '50M', 52_428_800], ['max_bytes', '1.5 GiB', 1_610_612_736], ['max_bytes', 7, 7], ['max_bytes', '64kb', 65_536],
    ['unused_expires_after', '24h', 86_400_000], ['unused_expires_after', '500ms', 500], ['unused_expires_after', '1w', 604_800_000],
  ];
  for (const [key, given, expected] of quantities) {
    it(`reads ${key}: ${given}`, async () => {
      const { uploads } = await resolveConfig({ ...MINIMAL, uploads: { [key]: given } }, {});
      assert.equal({ ...uploads }[key as 'max_bytes'], expected);
    });
  }

  it('tells every mistake at once, each with its path', async () => {
    const raw = {
      homeservers: [{ server_name: 'bad name!' }, { server_name: 'b.example', signing_key_file: '/does/not/exist' }],
      uploads: { max_bytes: '50X', max_pendign: 3 },
      storage: { kind: 's3', endpoint: 'ftp://x', bucket: 'media', access_key: 'a', secret_key: 'b' },
      listen: { port: 70_000 },
    };
    const mistakes = (await mistakesOf(resolveConfig(raw, {}))).join('\n');
    for (const path of ['homeservers[0].server_name', 'homeservers[1].signing_key_file', 'uploads.max_bytes: "50X"', 'max_pendign', 'storage.endpoint', 'listen.port']) {
      assert.ok(mistakes.includes(path), `${path} is missing in:\n${mistakes}`);
    }
  });

  it('takes a signing key, and says in which line a bad one is wrong without showing it', async () => {
    const [server_name, seed] = ['example.org', 'YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1'];
    const { homeservers } = await resolveConfig({ homeservers: [{ server_name, signing_key: `ed25519 a_1 ${seed}` }] }, {});
    assert.equal(homeservers[0]?.signing_key, `ed25519 a_1 ${seed}`);
    const mistakes = await mistakesOf(resolveConfig({ homeservers: [{ server_name, signing_key: `\ned25519 a_1 ${seed}x` }] }, {}));
    assert.deepEqual(mistakes, ['homeservers[0].signing_key: line 2: the seed is not 32 bytes in base64']);
  });

  it('takes every key from the environment, also within lists', async () => {
    const env = {
      MEDLEY_UPLOADS__MAX_BYTES: '1M', MEDLEY_METADATA: '{ kind: mongodb, uri: "mongodb://db/" }', MEDLEY_HOMESERVERS__0__ADMINS: '["@a:example.org"]',
      MEDLEY_GRPC__TOKEN: '12345', MEDLEY_TEST_S3_URL: 'ignored', OTHER: 'ignored',
    };
    const config = await resolveConfig(MINIMAL, env);
    assert.equal(config.uploads.max_bytes, 2 ** 20);
    assert.deepEqual(config.metadata, { kind: 'mongodb', uri: 'mongodb://db/', database: 'medley' });
    assert.deepEqual(config.homeservers[0]?.admins, ['@a:example.org']);
    assert.equal(config.grpc.token, '12345');
  });

  it('reads secrets from files, without the line end', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'token');
    await writeFile(path, 's3cret\n');
    assert.equal((await resolveConfig({ ...MINIMAL, grpc: { token_file: path } }, {})).grpc.token, 's3cret');
    assert.match((await mistakesOf(resolveConfig({ ...MINIMAL, grpc: { token_file: path, token: 'x' } }, {}))).join(), /grpc\.token_file: token is given as well/);
  });

  it('keeps the paths of the certificates that services show each other, and wants a key that fits', async () => {
    await using folder = await makeTempDir();
    const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => join(folder.path, name)) as [string, string, string];
    const given: [string, string][] = [[ca, REMOTE_AUTHORITY], [cert, REMOTE_TLS.cert], [key, REMOTE_TLS.key]];
    for (const [path, text] of given) await writeFile(path, text);
    const tls = { ca_file: ca, cert_file: cert, key_file: key };
    const read = (changed: object) => resolveConfig({ ...MINIMAL, grpc: { tls: { ...tls, ...changed } } }, {});
    const { grpc } = await read({});
    assert.deepEqual(grpc.tls?.files, { ca, cert, key, reloadMs: 10_000 });
    assert.equal(grpc.tls?.cert, REMOTE_TLS.cert.trim());
    assert.equal((await read({ reload_interval: '0s' })).grpc.tls?.files, undefined);
    await writeFile(key, ELSEWHERE_TLS.key);
    assert.deepEqual(await mistakesOf(read({})), ['grpc.tls: the key does not fit the certificate']);
    await writeFile(key, 'no key');
    assert.deepEqual(await mistakesOf(read({})), ['grpc.tls: the certificate or its key is not PEM']);
  });

  it('names the file that is missing or is no YAML', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'broken.yaml');
    await writeFile(path, 'a: [1');
    assert.ok((await mistakesOf(loadConfig(path, {})))[0]?.startsWith(path));
    assert.match((await mistakesOf(loadConfig('/does/not/exist.yaml', {}))).join(), /exist\.yaml.*ENOENT/);
  });

  it('refuses a key of the environment that it does not know', async () => {
    assert.match((await mistakesOf(resolveConfig(MINIMAL, { MEDLEY_UPLOADS__MAX_BITES: '1M' }))).join(), /max_bites/);
  });

  it('refuses a host that would choose two homeservers, and a static token of another server’s user', async () => {
    const homeservers = [
      { server_name: 'a.example', static_tokens: [{ token: 't', user_id: '@u:b.example' }] },
      { server_name: 'b.example', hosts: ['A.example:8448'] },
    ];
    const mistakes = (await mistakesOf(resolveConfig({ homeservers }, {}))).join('\n');
    assert.match(mistakes, /homeservers\[1\]: the host a\.example already chooses homeservers\[0\]/);
    assert.match(mistakes, /homeservers\[0\]\.static_tokens\[0\]\.user_id: is not a user of a\.example/);
  });

  it('is not troubled by what Kubernetes sets for Services with names like ours', async () => {
    const env = { MEDLEY_PORT: 'tcp://10.0.0.1:80', MEDLEY_METADATA_SERVICE_HOST: '10.0.0.1', MEDLEY_STORAGE_PORT_50051_TCP_ADDR: '10.0.0.1', MEDLEY_METRICS__PORT: '9' };
    assert.equal((await resolveConfig(MINIMAL, env)).metrics.port, 9);
  });

  it('tells a value of the environment that is no YAML as a mistake', async () => {
    assert.match((await mistakesOf(resolveConfig(MINIMAL, { MEDLEY_METADATA: '{ kind: mongodb' }))).join(), /the environment/);
  });

  it('takes a part from the environment after the whole it belongs to, in whatever order they come', async () => {
    const env = { MEDLEY_HOMESERVERS__0__CLIENT_API: 'http://hs', MEDLEY_HOMESERVERS: '[{ server_name: c.example }]' };
    assert.equal((await resolveConfig({}, env)).homeservers[0]?.client_api, 'http://hs');
  });
});
