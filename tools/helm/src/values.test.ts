import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseYaml } from '@medley/config/yaml';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isRecord } from './json.ts';
import { acquirePrograms } from './programs.ts';
import { CHART, renderText, valuesOf } from './render.ts';

/** Values that somebody may come to write, and what the chart must say to them. */
const REFUSED: readonly (readonly [set: string, said: RegExp])[] = [
  ['replicaCount=3', /additional properties 'replicaCount' not allowed/],
  ['gateway.replica=3', /at '\/gateway': additional properties 'replica'/],
  ['gateway.replicas=0', /at '\/gateway\/replicas': minimum/],
  ['gateway.slots=2', /at '\/gateway': additional properties 'slots'/],
  ['thumbnail.slots=two', /at '\/thumbnail\/slots'/],
  ['urlpreview.enabled=false', /additional properties 'urlpreview'/],
  ['defaults.resources.limit.memory=1Gi', /at '\/defaults\/resources': additional properties 'limit'/],
  ['gateway.probes.readiness.path=/x', /at '\/gateway\/probes\/readiness': additional properties 'path'/],
  ['gateway.probes.type=tcp', /at '\/gateway\/probes\/type'/],
  ['mongodb.uri.secretName=x', /at '\/mongodb\/uri'/],
  ['s3.accessKey.value=x', /at '\/s3\/accessKey'/],
  ['s3.bucketName=x', /at '\/s3': additional properties 'bucketName'/],
  ['s3.endpoint=s3.example.org', /at '\/s3\/endpoint'/],
  ['homeserver.client_api=http://synapse', /at '\/homeserver': additional properties 'client_api'/],
  ['homeserver.signingKey.secret=x', /at '\/homeserver\/signingKey'/],
  ['grpc.tls.mode=mtls', /at '\/grpc\/tls\/mode'/],
  ['networkPolicy.deniedNetworks[0]=localhost', /at '\/networkPolicy\/deniedNetworks\/0'/],
  ['maintenance.sweep.cron=daily', /at '\/maintenance\/sweep': additional properties 'cron'/],
  ['monitoring.serviceMonitor.enabled=true', /at '\/monitoring': additional properties 'serviceMonitor'/],
  ['image.digest=latest', /at '\/image\/digest'/],
  ['contentScanner.clamav.address=clamd:3310', /at '\/contentScanner\/clamav\/address'/],
  ['networking.ipFamily=IPv4', /at '\/networking\/ipFamily'/],
  ['secretFiles[0].path=x', /at '\/secretFiles\/0'/],
];

/** What the schema can't see. */
const MISTAKEN: readonly (readonly [set: string, said: RegExp])[] = [
  ['serverName=', /serverName \(or homeservers\) is missing/],
  ['homeservers[0].serverName=one.example', /serverName and homeservers are both given/],
  ['demo.enabled=true', /mongodb\.uri and demo\.enabled are both given(.|\n)*s3\.endpoint and demo\.enabled/],
  ['s3.endpoint=', /s3\.endpoint is missing/],
  ['grpc.tls.mode=secret', /grpc\.tls\.secret is missing/],
  ['grpc.tls.mode=certManager', /certManager needs one of issuer and clusterIssuer/],
  ['thumbnail.autoscaling.enabled=true,thumbnail.keda.enabled=true', /thumbnail: autoscaling and keda are both enabled/],
  ['gateway.autoscaling.enabled=true,gateway.autoscaling.minReplicas=9', /gateway\.autoscaling: minReplicas is more than maxReplicas/],
  ['thumbnail.keda.enabled=true', /thumbnail\.keda needs triggers or prometheusAddress/],
  ['storage.enabled=false', /storage can't be disabled/],
  ['gateway.probes.type=grpc', /gateway\.probes\.type: grpc needs/],
  ['defaults.serviceAccount.name=ours', /defaults\.serviceAccount\.name needs create: false/],
  ['contentScanner.enabled=true', /contentScanner\.clamav\.address is missing/],
  ['contentScanner.enabled=true,contentScanner.clamav.address=tcp://clamd:3310,config.content_scanner.address=x', /there is one scanner/],
  ['homeserver.clientApi=https://matrix.example.org', /clientApi https:\/\/matrix\.example\.org names no Service(.|\n)*gateway\.networkPolicy\.homeservers/],
  ['homeserver.clientApi=http://10.0.0.7:8008', /names no Service/],
  ['homeserver.clientApi=http://synapse.elsewhere:8008', /names no Service/],
  ['ingress.enabled=true', /hosts names none/],
  ['route.enabled=true,hosts.client[0]=x', /route\.parentRefs is missing/],
  ['monitoring.podMonitors.enabled=true,monitoring.serviceMonitors.enabled=true', /everything would be counted twice/],
  ['helmTest.tryOutUser=true,helmTest.accessToken.value=x', /helmTest\.accessToken and helmTest\.tryOutUser/],
];

await describeRealService('the values of the Helm chart', acquirePrograms, ({ helm3, helm4 }) => {
  for (const [set, said] of [...REFUSED, ...MISTAKEN]) {
    test(`refuse ${set}`, async () => {
      const args = ['--values', valuesOf('minimal'), '--set', set];
      for (const helm of [helm3, helm4]) await assert.rejects(renderText(helm, args), said);
    });
  }

  test('are told all their mistakes at once', async () => {
    await assert.rejects(renderText(helm3, ['--values', valuesOf('minimal'), '--set', 'serverName=,s3.endpoint=,route.enabled=true']), /have 4 mistakes/);
  });

  test('refuse a client host by which no homeserver can be told', async () => {
    const args = ['--values', valuesOf('two-homeservers'), '--set'];
    await assert.rejects(renderText(helm3, [...args, 'hosts.client={matrix.one.example,chat.two.example}']), /hosts\.client names chat\.two\.example/);
    assert.match(await renderText(helm3, [...args, 'hosts.client={Matrix.One.Example.,two.example}']), /medley-gateway/);
  });

  test('take any place of a homeserver that is told to the NetworkPolicies, or where there are none', async () => {
    const args = ['--values', valuesOf('minimal'), '--set', 'homeserver.clientApi=https://matrix.example.org'];
    for (const set of ['gateway.networkPolicy.homeservers[0].ipBlock.cidr=192.0.2.1/32', 'networkPolicy.enabled=false']) {
      assert.match(await renderText(helm3, [...args, '--set', set]), /medley-gateway/);
    }
  });

  test('take what a parent chart calls global', async () => {
    assert.match(await renderText(helm3, ['--values', valuesOf('minimal'), '--set', 'global.anything=1']), /medley-gateway/);
  });
});

test('the values for Element Server Suite are ten lines, and those that the page shows', async () => {
  const lines = (await readFile(valuesOf('ess'), 'utf8')).split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
  const page = await readFile(`${CHART}../../../docs/how-to/kubernetes.md`, 'utf8');
  assert.ok(page.includes(`\`\`\`yaml\n${lines.join('\n')}\n\`\`\``), 'docs/how-to/kubernetes.md shows others');
});

test('every object of the schema refuses what it does not name', async () => {
  const open: string[] = [];
  walk(JSON.parse(await readFile(`${CHART}values.schema.json`, 'utf8')), '', (schema, path) => {
    if (isRecord(schema['properties']) && schema['additionalProperties'] !== false) open.push(path);
  });
  assert.deepEqual(open, []);
});

test('every key of values.yaml is explained in docs/reference/helm.md', async () => {
  const values = parseYaml(await readFile(`${CHART}values.yaml`, 'utf8'));
  const page = await readFile(`${CHART}../../../docs/reference/helm.md`, 'utf8');
  const keys = new Set<string>();
  walk(values, '', (object, path) => {
    if (!/SecurityContext|resources/.test(path)) Object.keys(object).forEach((key) => keys.add(key));
  });
  assert.deepEqual([...keys].filter((key) => !isToldElsewhere(key) && !page.includes(key)), []);
});

/** Kubernetes' own words. */
function isToldElsewhere(key: string): boolean {
  return /[./]|^(to|ports|from|cpu|memory|maxSkew|topologyKey|whenUnsatisfiable|namespaceSelector|podSelector|match[A-Z]\w+|drop|type|operator|values|key|tls|args)$/.test(key);
}

function walk(value: unknown, path: string, visit: (object: Readonly<Record<string, unknown>>, path: string) => void): void {
  if (Array.isArray(value)) value.forEach((item, index) => walk(item, `${path}.${index}`, visit));
  if (!isRecord(value)) return;
  visit(value, path);
  for (const [key, item] of Object.entries(value)) walk(item, `${path}.${key}`, visit);
}
