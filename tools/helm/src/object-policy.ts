import { at, listAt, textAt } from './json.ts';
import { isInside } from './network.ts';
import { isSelected, nameOf, ofKind, type Workload, workloadsOf } from './objects.ts';
import type { Problems } from './pod-policy.ts';
import type { KubeObject } from './render.ts';

const SELECTORS: Readonly<Record<string, readonly string[]>> = {
  NetworkPolicy: ['spec', 'podSelector'], PodDisruptionBudget: ['spec', 'selector'], Deployment: ['spec', 'selector'], StatefulSet: ['spec', 'selector'],
};
/** Which component may read which secret; whoever is not named finds a placeholder. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'grpc-token': ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch', 'maintenance', 'setup'],
  'mongodb-uri': ['metadata', 'setup'],
  's3-access-key': ['storage', 'setup'],
  's3-secret-key': ['storage', 'setup'],
  'signing-key': ['federation-fetch'],
  'hs-token': ['gateway'],
  'as-token': ['gateway'],
  'scanner-token': ['gateway', 'content-scanner'],
  'test-token': ['gateway', 'helm-test'],
  'webhook-secret': ['gateway'],
  'admin-token': ['gateway'],
};

/** Whether names are unique, selectors choose the pods of one component and of all its workloads, and references lead somewhere. */
export function checkObjects(objects: readonly KubeObject[]): Problems {
  const workloads = workloadsOf(objects);
  return [
    ...repeated(objects.map(nameOf)).map((name) => `${name} is there twice`),
    ...objects.flatMap((object) => checkSelector(object, workloads)),
    ...objects.flatMap((object) => checkTarget(object, objects)),
    ...ofKind(objects, 'NetworkPolicy').flatMap(checkExceptions),
    ...workloads.flatMap((workload) => checkReferences(workload, objects)),
    ...workloads.flatMap(checkSecrets),
    ...checkInlineSecrets(objects),
  ];
}

function checkSelector(object: KubeObject, workloads: readonly Workload[]): Problems {
  const kind = textAt(object, 'kind');
  const path = SELECTORS[kind];
  if (path === undefined && kind !== 'Service') return [];
  const selector = path === undefined ? { matchLabels: at(object, 'spec', 'selector') } : at(object, ...path);
  const found = workloads.filter(({ labels }) => isSelected(selector, labels));
  const components = new Set(found.map(({ component }) => component));
  const expected = workloads.filter(({ component }) => components.has(component));
  const isExact = components.size === 1 && found.length === expected.length && textAt(object, 'metadata', 'labels', 'app.kubernetes.io/component') === [...components][0];
  return isExact ? [] : [`${nameOf(object)} selects ${found.map(({ name }) => name).join(', ') || 'nothing'}`];
}

/** Autoscalers name a Deployment that leaves its replicas to them; routes name a Service and its port. */
function checkTarget(object: KubeObject, objects: readonly KubeObject[]): Problems {
  const kind = textAt(object, 'kind');
  if (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') {
    const target = objects.find((one) => nameOf(one) === `Deployment ${textAt(object, 'spec', 'scaleTargetRef', 'name')}`);
    if (target === undefined) return [`${nameOf(object)} scales nothing`];
    return at(target, 'spec', 'replicas') === undefined ? [] : [`${nameOf(target)} sets replicas although it is scaled`];
  }
  const backends = kind === 'Ingress'
    ? listAt(object, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths')).map((path) => [textAt(path, 'backend', 'service', 'name'), textAt(path, 'backend', 'service', 'port', 'name')])
    : listAt(object, 'spec', 'rules').flatMap((rule) => listAt(rule, 'backendRefs')).map((backend) => [textAt(backend, 'name'), textAt(backend, 'port')]);
  return backends.filter(([name = '', port]) => !hasPort(objects, name, port)).map(([name, port]) => `${nameOf(object)} leads to ${name}:${port}, which is not there`);
}

/** Kubernetes refuses a NetworkPolicy that excepts what it does not open. */
function checkExceptions(policy: KubeObject): Problems {
  const blocks = listAt(policy, 'spec', 'egress').flatMap((rule) => listAt(rule, 'to')).map((peer) => at(peer, 'ipBlock'));
  return blocks.flatMap((block) => listAt(block, 'except').map(String)
    .filter((one) => !isInside(one.split('/')[0] ?? '', textAt(block, 'cidr')))
    .map((one) => `${nameOf(policy)} excepts ${one}, which it does not open`));
}

function hasPort(objects: readonly KubeObject[], name: string, port: unknown): boolean {
  const service = ofKind(objects, 'Service').find((one) => textAt(one, 'metadata', 'name') === name);
  return listAt(service, 'spec', 'ports').some((one) => textAt(one, 'name') === port || textAt(one, 'port') === port);
}

/** ConfigMaps of ours that a pod mounts exist, and so does its service account unless it was given. */
function checkReferences({ name, pod }: Workload, objects: readonly KubeObject[]): Problems {
  const names = new Set(objects.map(nameOf));
  const sources = listAt(pod, 'volumes').flatMap((volume) => [volume, ...listAt(volume, 'projected', 'sources')]);
  const configMaps = sources.map((source) => textAt(source, 'configMap', 'name')).filter((one) => one.startsWith('medley'));
  const account = textAt(pod, 'serviceAccountName');
  return [
    ...configMaps.filter((one) => !names.has(`ConfigMap ${one}`)).map((one) => `${name} mounts the ConfigMap ${one}, which is not there`),
    ...(account.startsWith('medley') && !names.has(`ServiceAccount ${account}`) ? [`${name} has the service account ${account}, which is not there`] : []),
  ];
}

function checkSecrets({ name, component, pod }: Workload): Problems {
  const sources = listAt(pod, 'volumes').flatMap((volume) => listAt(volume, 'projected', 'sources'));
  const paths = sources.flatMap((source) => listAt(source, 'secret', 'items')).map((item) => textAt(item, 'path'));
  return paths.filter((path) => READERS[path.replace(/-[0-9]+$/, '')]?.includes(component) !== true).map((path) => `${name} can read the secret ${path}`);
}

/** A secret that is given as a value stands in Secrets only. */
function checkInlineSecrets(objects: readonly KubeObject[]): Problems {
  const values = ofKind(objects, 'Secret').flatMap((secret) => Object.values((secret['stringData'] ?? {}) as object)).filter((value) => value !== 'generated');
  const others = objects.filter((object) => object['kind'] !== 'Secret');
  return values.flatMap((value) => others.filter((object) => JSON.stringify(object).includes(String(value))).map((object) => `${nameOf(object)} holds a secret`));
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
