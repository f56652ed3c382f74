import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '@medley/config/load';
import type { MedleyConfig } from '@medley/config/schema';
import { TRUSTED } from '@medley/grpc/certificates.fixture';
import { makeTempDir } from '@medley/testing/temp-dir';
import { describeRealService } from '@medley/tool-real-services/skip';
import { GOLDEN_CASES, readGolden } from './golden.ts';
import { listAt, textAt } from './json.ts';
import { ofKind, workloadsOf } from './objects.ts';
import { layOut } from './pod-files.ts';
import { acquirePrograms } from './programs.ts';
import { type KubeObject, listCases, parseObjects, renderText, valuesOf } from './render.ts';

const SIGNING_KEY = `ed25519 a_test ${Buffer.alloc(32, 7).toString('base64').replace('=', '')}`;
const SERVICES = ['federation-fetch', 'gateway', 'metadata', 'storage', 'thumbnail', 'url-preview'];

const SECRETS: Readonly<Record<string, string>> = { 'ca.crt': TRUSTED.ca, 'tls.crt': TRUSTED.cert, 'tls.key': TRUSTED.key };

function secretText(path: string): string {
  return path.startsWith('signing-key') ? SIGNING_KEY : SECRETS[path] ?? `the secret ${path}\n`;
}

/** `1536Mi` → 1536 */
function toMib(quantity: string): number {
  const [, amount, unit = ''] = /^([0-9]+)(Mi|Gi)$/.exec(quantity) ?? assert.fail(quantity);
  return Number(amount) * (unit === 'Gi' ? 1024 : 1);
}

/** The configuration that each of our programs comes to in its pod, by component. Throws where one has a mistake. */
async function configsOf(objects: readonly KubeObject[], pod: { readonly podIp?: string } = {}): Promise<ReadonlyMap<string, MedleyConfig>> {
  const configs = new Map<string, MedleyConfig>();
  for (const workload of workloadsOf(objects).filter(({ component }) => [...SERVICES, 'content-scanner', 'maintenance', 'setup'].includes(component))) {
    await using folder = await makeTempDir();
    const { configPath, env } = await layOut(workload, objects, { folder: folder.path, secretText, ...pod });
    configs.set(workload.component, await loadConfig(configPath, env));
  }
  return configs;
}

describe('what a pod finds as its configuration', () => {
  for (const name of GOLDEN_CASES) {
    test(`is good for every program, with ${name}`, async () => {
      const configs = await configsOf(parseObjects(await readGolden(name)));
      assert.deepEqual([...configs.keys()].toSorted(), [...SERVICES, 'maintenance', 'setup'].toSorted());
    });
  }

  test('has the secrets that a program needs, and placeholders for others', async () => {
    const configs = await configsOf(parseObjects(await readGolden('two-homeservers')));
    const seen = [...configs].map(([component, { metadata, storage, homeservers, grpc }]) => [component, [
      ...(metadata.kind === 'mongodb' && metadata.uri.startsWith('the secret') ? ['uri'] : []),
      ...(storage.kind === 's3' && storage.secret_key.startsWith('the secret') ? ['s3'] : []),
      ...homeservers.filter((one) => one.signing_key !== undefined).map((one) => `key of ${one.server_name}`),
      ...homeservers.filter((one) => one.appservice?.hs_token.startsWith('the secret')).map((one) => `token of ${one.server_name}`),
      ...homeservers.filter((one) => one.suspension.token?.startsWith('the secret')).map((one) => `admin of ${one.server_name}`),
      ...(grpc.token?.startsWith('the secret') === true ? ['grpc'] : []),
    ]] as const);
    assert.deepEqual(Object.fromEntries(seen), {
      'federation-fetch': ['key of one.example', 'key of two.example', 'grpc'], gateway: ['token of one.example', 'token of two.example', 'admin of one.example', 'grpc'], maintenance: ['grpc'],
      metadata: ['uri', 'grpc'], setup: ['uri', 's3', 'grpc'], storage: ['s3', 'grpc'], thumbnail: ['grpc'], 'url-preview': ['grpc'],
    });
  });

  test('fits into what the pod has of memory and disk', async () => {
    const objects = parseObjects(await readGolden('ess'));
    const configs = await configsOf(objects);
    const { federation, thumbnails } = configs.get('gateway') ?? assert.fail();
    const pod = (component: string): unknown => workloadsOf(objects).find((one) => one.component === component)?.pod;
    const tmp = listAt(pod('federation-fetch'), 'volumes').find((volume) => textAt(volume, 'name') === 'tmp');
    assert.ok(toMib(textAt(tmp, 'emptyDir', 'sizeLimit')) * 2 ** 20 > federation.spool_bytes, 'what federation-fetch spools does not fit into its /tmp');
    const limit = toMib(textAt(pod('thumbnail'), 'containers', 0, 'resources', 'limits', 'memory'));
    assert.ok(limit * 2 ** 20 >= 2 * thumbnails.slots * thumbnails.max_memory, 'thumbnail has no room for its slots');
  });

  test('leads the services to each other', async () => {
    const configs = await configsOf(parseObjects(await readGolden('ess')));
    const gateway = configs.get('gateway');
    assert.equal(gateway?.grpc.federation_fetch, 'dns:///medley-federation-fetch.media.svc.cluster.local:50051');
    assert.equal(configs.get('storage')?.data_port.advertise, 'http://10.1.2.3:8081');
    assert.deepEqual([gateway?.shutdown.delay, gateway?.shutdown.grace], [5000, 90_000]);
    assert.equal(configs.get('thumbnail')?.thumbnails.slots, 2);
  });
});

await describeRealService('what a pod finds as its configuration, for every case', acquirePrograms, ({ helm3 }) => {
  for (const name of listCases()) {
    test(`is good for every program, with ${name}`, async () => {
      const configs = await configsOf(parseObjects(await renderText(helm3, ['--values', valuesOf(name)])));
      assert.ok(configs.size >= 5);
    });
  }

  test('is no good if it has a key that Medley does not know', async () => {
    const text = await renderText(helm3, ['--values', valuesOf('minimal'), '--set', 'config.uploads.max_byte=1M']);
    await assert.rejects(configsOf(parseObjects(text)), /max_byte/);
  });

  test('takes what `config` says over what the chart makes', async () => {
    const configs = await configsOf(parseObjects(await renderText(helm3, ['--values', valuesOf('external'), '--set', 'config.storage.part_bytes=16M'])));
    const storage = configs.get('storage')?.storage;
    assert.deepEqual(storage?.kind === 's3' && [storage.part_bytes, storage.bucket, storage.secret_key], [16 * 2 ** 20, 'media-of-example', 'the secret s3-secret-key']);
    assert.equal(configs.get('gateway')?.webhooks[0]?.secret, 'the secret webhook-secret');
  });

  test('leads the gateway to the content scanner and that to clamd, with a token that only these two have', async () => {
    const configs = await configsOf(parseObjects(await renderText(helm3, ['--values', valuesOf('content-scanner')])));
    const scanner = configs.get('gateway')?.content_scanner;
    assert.deepEqual([scanner?.address, scanner?.mode], ['dns:///medley-content-scanner.media.svc.cluster.local:50051', 'pending']);
    assert.equal(configs.get('content-scanner')?.clamav.address, 'tcp://clamd.antivirus.svc.cluster.local:3310');
    const readers = [...configs].filter(([, config]) => config.content_scanner?.token?.startsWith('the secret')).map(([component]) => component);
    assert.deepEqual(readers.toSorted(), ['content-scanner', 'gateway']);
    assert.deepEqual([...configs].filter(([, config]) => config.content_scanner?.tls === undefined).map(([component]) => component), ['setup']);
  });

  test('calls storage’s own port https where the services speak TLS, and names it so', async () => {
    for (const args of [['--values', valuesOf('cert-manager')], ['--values', valuesOf('external'), '--set', 'config.grpc.tls.ca_file=/etc/medley/tls/ca.crt']]) {
      const objects = parseObjects(await renderText(helm3, args));
      const env = workloadsOf(objects).find(({ component }) => component === 'storage')?.containers.flatMap((one) => listAt(one, 'env')) ?? [];
      assert.equal(textAt(env.find((one) => textAt(one, 'name') === 'MEDLEY_DATA_PORT__ADVERTISE'), 'value'), 'https://$(POD_IP):8081');
    }
    const [service] = ofKind(parseObjects(await renderText(helm3, ['--values', valuesOf('tls-secret')])), 'Service').filter((one) => textAt(one, 'metadata', 'name').endsWith('-storage'));
    assert.deepEqual(listAt(service, 'spec', 'ports').map((port) => [textAt(port, 'name'), textAt(port, 'appProtocol')]), [['data', 'https'], ['grpc', 'grpc'], ['metrics', 'http']]);
  });

  test('speaks IPv6 where the cluster does', async () => {
    const configs = await configsOf(parseObjects(await renderText(helm3, ['--values', valuesOf('ipv6')])));
    const storage = configs.get('storage');
    assert.deepEqual([storage?.grpc.listen, storage?.metrics.host, storage?.data_port.listen], ['[::]:50051', '::', '[::]:8081']);
    assert.match(storage?.data_port.advertise ?? '', /^http:\/\/\[.*\]:8081$/);
  });

  test('can be reached where pods have addresses of both kinds, whichever comes first', async () => {
    const objects = parseObjects(await renderText(helm3, ['--values', valuesOf('minimal'), '--set', 'networking.ipFamily=dual-stack']));
    assert.equal((await configsOf(objects)).get('storage')?.data_port.advertise, 'http://[fd00::3]:8081');
    assert.equal((await configsOf(objects, { podIp: '10.1.2.3' })).get('storage')?.data_port.advertise, 'http://10.1.2.3:8081');
  });
});
