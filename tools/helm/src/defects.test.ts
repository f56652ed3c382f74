import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readGolden } from './golden.ts';
import { at, isRecord } from './json.ts';
import { checkNetwork } from './network-policy.ts';
import { checkObjects } from './object-policy.ts';
import { nameOf, workloadsOf } from './objects.ts';
import { checkPods, type Problems } from './pod-policy.ts';
import { type KubeObject, parseObjects } from './render.ts';

type Path = readonly (string | number)[];
/** What is planted: an object, a path in it, the value there (undefined: nothing), and what the checks must say. */
type Defect = readonly [object: string, path: Path, value: unknown, said: RegExp];

const GATEWAY = 'Deployment medley-gateway';
const THUMBNAIL = 'Deployment medley-thumbnail';
const CONTAINER = ['spec', 'template', 'spec', 'containers', 0];
const LABEL = 'app.kubernetes.io/component';
const PREVIEW = 'NetworkPolicy medley-url-preview';

const DEFECTS: readonly Defect[] = [
  [GATEWAY, ['spec', 'template', 'spec', 'automountServiceAccountToken'], undefined, /mounts a service account token/],
  [GATEWAY, ['spec', 'template', 'spec', 'serviceAccountName'], 'default', /service account/],
  [GATEWAY, ['spec', 'template', 'spec', 'serviceAccountName'], 'medley-nobody', /medley-nobody, which is not there/],
  [GATEWAY, ['spec', 'template', 'spec', 'securityContext', 'runAsUser'], 0, /low user id/],
  [GATEWAY, ['spec', 'template', 'spec', 'securityContext', 'seccompProfile'], undefined, /no seccomp profile/],
  [GATEWAY, ['spec', 'template', 'spec', 'hostNetwork'], true, /namespace of the host/],
  [GATEWAY, ['spec', 'template', 'spec', 'terminationGracePeriodSeconds'], 60, /killed before it has ended/],
  [GATEWAY, [...CONTAINER, 'readinessProbe', 'periodSeconds'], 10, /not known to be stopping/],
  [GATEWAY, [...CONTAINER, 'securityContext', 'readOnlyRootFilesystem'], undefined, /may write to its root/],
  [GATEWAY, [...CONTAINER, 'securityContext', 'capabilities', 'add'], ['NET_RAW'], /keeps capabilities/],
  [GATEWAY, [...CONTAINER, 'resources', 'limits'], undefined, /no memory limit/],
  [GATEWAY, [...CONTAINER, 'resources', 'requests', 'cpu'], undefined, /requests no CPU/],
  [GATEWAY, [...CONTAINER, 'resources', 'limits', 'cpu'], '1', /CPU limit/],
  [GATEWAY, [...CONTAINER, 'livenessProbe'], undefined, /no probes/],
  [GATEWAY, [...CONTAINER, 'image'], 'ghcr.io/medley/medley:latest', /image without a version/],
  [GATEWAY, [...CONTAINER, 'env', 2], { name: 'MEDLEY_SHUTDOWN__GRACE', value: '9s' }, /a variable twice/],
  [GATEWAY, [...CONTAINER, 'volumeMounts', 0, 'name'], 'nothing', /volume that is not there/],
  [GATEWAY, ['spec', 'template', 'spec', 'volumes', 0, 'configMap', 'name'], 'medley-other', /medley-other, which is not there/],
  [GATEWAY, ['spec', 'template', 'spec', 'volumes', 2, 'emptyDir'], {}, /emptyDir without a limit/],
  [THUMBNAIL, ['spec', 'template', 'spec', 'volumes', 1, 'projected', 'sources', 0, 'secret', 'items', 0, 'path'], 'signing-key-0', /thumbnail can read the secret signing-key-0/],
  ['CronJob medley-scrub', ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'], undefined, /may run for ever/],
  ['Service medley-storage', ['spec', 'selector', LABEL], 'metadata', /Service medley-storage selects Deployment medley-metadata/],
  ['Service medley-storage', ['spec', 'selector', LABEL], undefined, /Service medley-storage selects .*,/],
  ['PodDisruptionBudget medley-gateway', ['spec', 'selector', 'matchLabels', LABEL], 'gatewy', /selects nothing/],
  ['ServiceAccount medley-gateway', ['metadata', 'name'], 'medley-storage', /is there twice/],
  ['ConfigMap medley', ['data', 'medley.yaml'], 'token: not-for-production', /ConfigMap medley holds a secret/],
  ['NetworkPolicy medley-storage', ['spec', 'ingress', 0], {}, /reaches storage:grpc/],
  ['NetworkPolicy medley-metadata', ['spec', 'podSelector', 'matchLabels', LABEL], 'metadta', /metadata has no NetworkPolicy/],
  ['NetworkPolicy medley-metadata', ['spec', 'policyTypes'], ['Egress'], /a pod elsewhere reaches metadata:grpc/],
  ['NetworkPolicy medley-gateway', ['spec', 'egress', 5], undefined, /gateway does not reach url-preview:grpc/],
  ['NetworkPolicy medley-thumbnail', ['spec', 'egress', 1, 'to'], undefined, /thumbnail reaches 10\.0\.0\.1 port 50051/],
  ['NetworkPolicy medley-gateway', ['spec', 'egress', 6], { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }, /gateway reaches 93\.184\.216\.34/],
  [PREVIEW, ['spec', 'egress', 2, 'to', 0, 'ipBlock', 'except'], ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], /url-preview reaches 169\.254\.169\.254 port 80/],
  [PREVIEW, ['spec', 'egress', 2, 'to', 0, 'ipBlock', 'except'], ['169.254.0.0/16'], /url-preview reaches 10\.0\.0\.1 port 80/],
  [PREVIEW, ['spec', 'egress', 2, 'to', 1, 'ipBlock', 'cidr'], '::/0', /url-preview reaches fd00:ec2::254/],
  [PREVIEW, ['spec', 'egress', 2, 'to', 1, 'ipBlock', 'except', 0], 'fd00::/8', /excepts fd00::\/8, which it does not open/],
  [PREVIEW, ['spec', 'egress', 2], undefined, /url-preview does not reach 93\.184\.216\.34/],
  ['NetworkPolicy medley-storage', ['spec', 'egress', 0], undefined, /storage does not reach DNS/],
];

describe('the checks of what is rendered', () => {
  test('find nothing wrong with the golden files', async () => {
    for (const name of ['ess', 'demo', 'two-homeservers']) assert.deepEqual(problemsOf(parseObjects(await readGolden(name))), []);
  });

  for (const [object, path, value, said] of DEFECTS) {
    test(`find ${object} with ${path.slice(1).join('.')} = ${JSON.stringify(value)}`, async () => {
      const objects = parseObjects(await readGolden('two-homeservers'));
      assert.match(problemsOf(plant(objects, object, path, value)).join('\n'), said);
    });
  }

  test('find a route to a Service that is not there, and one that is scaled to a number', async () => {
    const objects = parseObjects(await readGolden('two-homeservers'));
    const routed = plant(objects, 'Ingress medley', ['spec', 'rules', 0, 'http', 'paths', 0, 'backend', 'service', 'port', 'name'], 'https');
    assert.match(problemsOf(routed).join('\n'), /leads to medley-gateway:https/);
    const scaler = { kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' }, spec: { scaleTargetRef: { name: 'medley-gateway' } } };
    assert.match(problemsOf([...objects, scaler]).join('\n'), /sets replicas although it is scaled/);
  });
});

function problemsOf(objects: readonly KubeObject[]): Problems {
  return [...checkPods(workloadsOf(objects)), ...checkObjects(objects), ...checkNetwork(objects)];
}

/** A copy of the objects with another value at one place; undefined takes away what is there. */
function plant(objects: readonly KubeObject[], name: string, path: Path, value: unknown): readonly KubeObject[] {
  const copy = structuredClone(objects);
  const holder = at(copy.find((one) => nameOf(one) === name), ...path.slice(0, -1));
  const key = path.at(-1) ?? '';
  assert.ok(isRecord(holder) || Array.isArray(holder), `${name} has no ${path.join('.')}`);
  if (Array.isArray(holder) && value === undefined) holder.splice(Number(key), 1);
  else if (value === undefined) Reflect.deleteProperty(holder, key);
  else Object.assign(holder, { [key]: value });
  return copy;
}
