import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { resolveConfig } from '@medley/config/load';
import { parseYaml } from '@medley/config/yaml';
import { makeTempDir } from '@medley/testing/temp-dir';
import { composeProblems } from './compose-problems.ts';
import { COMPOSE, listAt, mapAt, readCompose, type Tree } from './compose.ts';
import { environmentOf } from './dockerfile.ts';
import { readDockerfile } from './image-tree.ts';

const SERVICES = ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch'] as const;
const RUN_SECRETS = '/run/secrets';

const folder = await makeTempDir();
after(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Runs make-secrets.sh beside nothing else, and answers with the folder of what it made. */
async function makeSecrets(): Promise<string> {
  const place = join(folder.path, 'place');
  await mkdir(place, { recursive: true });
  await copyFile(join(COMPOSE, 'make-secrets.sh'), join(place, 'make-secrets.sh'));
  await promisify(execFile)('/bin/sh', [join(place, 'make-secrets.sh')]);
  return join(place, 'secrets');
}

const secretsFolder = await makeSecrets();
const secrets = new Set(await readdir(secretsFolder));

/** The configuration of one service as its process would see it. */
async function configOf(compose: Tree, name: string) {
  const service = mapAt(compose, 'services', name);
  const file = String(mapAt(compose, 'configs', 'medley')['file']);
  const given = listAt(service, 'secrets');
  // A secret that the service is not given is not there.
  const visible = (text: string): string => text.replaceAll(/\/run\/secrets\/(\w+)/g, (path, secret: string) => (given.includes(secret) ? path.replace(RUN_SECRETS, secretsFolder) : path));
  const image = (await readDockerfile()).stages.at(-1);
  assert.ok(image);
  const environment = Object.entries(mapAt(service, 'environment')).map(([key, value]) => [key, visible(String(value))]);
  return resolveConfig(parseYaml(visible(await readFile(join(COMPOSE, file), 'utf8'))), { ...environmentOf(image), ...Object.fromEntries(environment) });
}

describe('the secrets of a compose', () => {
  it('are made once: the next run changes nothing', async () => {
    const before = await Promise.all([...secrets].map((name) => readFile(join(secretsFolder, name), 'utf8')));
    await makeSecrets();
    assert.deepEqual(await Promise.all([...secrets].map((name) => readFile(join(secretsFolder, name), 'utf8'))), before);
    assert.equal(new Set(before).size, before.length);
    for (const text of before) assert.ok(text.trim().length >= 32);
    assert.equal((await stat(secretsFolder)).mode & 0o777, 0o700);
  });
});

for (const files of [['compose.yaml'], ['compose.yaml', 'compose.synapse.yaml']]) {
  describe(files.join(' and '), async () => {
    const compose = await readCompose(...files);

    it('confines every container, pins every image, and has every file', async () => {
      assert.deepEqual(await composeProblems(compose, secrets), []);
    });

    for (const name of SERVICES) {
      it(`${name} is given a configuration that it takes, and who it calls is there`, async () => {
        const config = await configOf(compose, name);
        const called = Object.values({ ...config.grpc, listen: '', token: '', tls: '' }).filter((address) => address !== '');
        assert.equal(called.length, 5);
        for (const address of called) assert.ok(SERVICES.some((service) => address === `dns:///${service}:50051`), address);
        assert.ok(config.grpc.token);
        const { stop_grace_period: patience, command } = mapAt(compose, 'services', name);
        assert.deepEqual(command, [name, '--config', '/etc/medley/medley.yaml']);
        assert.ok(Number.parseInt(String(patience), 10) * 1000 > config.shutdown.delay + config.shutdown.grace);
      });
    }

    it('tells the keys of the store to storage and to nobody else', async () => {
      for (const name of SERVICES) {
        const { storage } = await configOf(compose, name);
        const key = await readFile(join(secretsFolder, 's3_secret_key'), 'utf8');
        assert.ok(storage.kind === 's3');
        assert.equal(storage.secret_key === key.trim(), name === 'storage');
      }
    });
  });
}

it('with a homeserver, the gateway asks it, and only federation-fetch signs for it', async () => {
  const compose = await readCompose('compose.yaml', 'compose.synapse.yaml');
  for (const name of SERVICES) {
    const [homeserver] = (await configOf(compose, name)).homeservers;
    assert.equal(homeserver?.client_api, 'http://synapse:8008');
    assert.equal(homeserver?.signing_key !== undefined, name === 'federation-fetch');
  }
});

it('each rule for a compose can be broken', async () => {
  const compose = await readCompose('compose.yaml');
  const services = mapAt(compose, 'services');
  const withService = (name: string, changed: Tree): Tree => ({ ...compose, services: { ...services, [name]: { ...mapAt(services, name), ...changed } } });
  const broken: readonly (readonly [Tree, string])[] = [
    [withService('s3', { image: 'minio/minio:latest' }), 's3: its image is not pinned'],
    [withService('gateway', { read_only: false }), 'gateway: its root can be written'],
    [withService('gateway', { ports: ['8008:8008'] }), 'gateway: everybody can reach its port'],
    [withService('metadata', { networks: ['inside', 'mongodb', 'outward'] }), 'metadata reaches the Internet'],
    [withService('metadata', { networks: undefined }), 'metadata reaches the Internet'],
    [withService('url-preview', { networks: ['inside', 'outward', 's3'] }), 'url-preview reaches s3'],
    [withService('url-preview', { networks: ['outward'] }), 'url-preview does not reach storage'],
    [withService('grafana', { volumes: ['./nowhere:/x:ro'] }), './nowhere is not there'],
    [withService('storage', { secrets: ['passwords'] }), 'there is no secret passwords'],
    [{ ...compose, networks: { ...mapAt(compose, 'networks'), inside: {} } }, 'storage reaches the Internet'],
  ];
  for (const [changed, problem] of broken) {
    const problems = await composeProblems(changed, secrets);
    assert.ok(problems.includes(problem), `${problem} is missing in: ${problems.join('; ')}`);
  }
});
