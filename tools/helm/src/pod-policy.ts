import { at, listAt, textAt } from './json.ts';
import type { Workload } from './objects.ts';
import type { KubeObject } from './render.ts';

/** What a check finds wrong, one line each; none if all is well. */
export type Problems = readonly string[];

type Rule = readonly [complaint: string, isBroken: (workload: Workload) => boolean];

const LOWEST_UID = 10_000;
const SERVES = new Set(['Deployment', 'StatefulSet']);
const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];
/** How long a process needs to close what is open, beyond its waits. */
const CLOSING_SECONDS = 5;

/** What Kubernetes calls the restricted profile, and some more. */
const POD_RULES: readonly Rule[] = [
  ['mounts a service account token', ({ pod }) => pod['automountServiceAccountToken'] !== false],
  ['gets the addresses of every Service by its environment', ({ pod }) => pod['enableServiceLinks'] !== false],
  ['runs under the namespace’s own service account', ({ pod }) => ['', 'default'].includes(textAt(pod, 'serviceAccountName'))],
  ['may run as root', ({ pod }) => at(pod, 'securityContext', 'runAsNonRoot') !== true],
  ['has a low user id', ({ pod }) => !(Number(at(pod, 'securityContext', 'runAsUser')) >= LOWEST_UID)],
  ['has no seccomp profile', ({ pod }) => textAt(pod, 'securityContext', 'seccompProfile', 'type') !== 'RuntimeDefault'],
  ['shares a namespace of the host', ({ pod }) => ['hostNetwork', 'hostPID', 'hostIPC'].some((key) => pod[key] === true)],
  ['mounts a path of the host', ({ pod }) => listAt(pod, 'volumes').some((volume) => at(volume, 'hostPath') !== undefined)],
  ['has an emptyDir without a limit', ({ pod }) => listAt(pod, 'volumes').some((volume) => at(volume, 'emptyDir') !== undefined && textAt(volume, 'emptyDir', 'sizeLimit') === '')],
  ['may run for ever', ({ kind, object, pod }) => !SERVES.has(kind) && !(jobDeadline(object, pod) > 0)],
  ['is killed before it has ended', ({ kind, pod, containers }) => kind === 'Deployment' && !(Number(pod['terminationGracePeriodSeconds']) >= endsWithin(containers) + CLOSING_SECONDS)],
  ['is not known to be stopping before it stops', ({ kind, containers }) => kind === 'Deployment' && containers.some((one) => noticedAfter(one) > envSeconds(one, 'MEDLEY_SHUTDOWN__DELAY'))],
];

type ContainerRule = readonly [complaint: string, isBroken: (container: KubeObject, workload: Workload) => boolean];

const CONTAINER_RULES: readonly ContainerRule[] = [
  ['may gain privileges', (one) => at(one, 'securityContext', 'allowPrivilegeEscalation') !== false],
  ['may write to its root', (one) => at(one, 'securityContext', 'readOnlyRootFilesystem') !== true],
  ['keeps capabilities', (one) => !listAt(one, 'securityContext', 'capabilities', 'drop').includes('ALL') || listAt(one, 'securityContext', 'capabilities', 'add').length > 0],
  ['is privileged', (one) => at(one, 'securityContext', 'privileged') === true],
  ['has no memory limit', (one) => textAt(one, 'resources', 'limits', 'memory') === ''],
  ['requests no memory', (one) => textAt(one, 'resources', 'requests', 'memory') === ''],
  ['requests no CPU', (one) => textAt(one, 'resources', 'requests', 'cpu') === ''],
  ['has a CPU limit, which only makes it slow', (one) => textAt(one, 'resources', 'limits', 'cpu') !== ''],
  ['has an image without a version', (one) => !/:[^/:]+(@sha256:[0-9a-f]{64})?$/.test(textAt(one, 'image')) || /:latest$/.test(textAt(one, 'image'))],
  ['has no probes', (one, { kind }) => SERVES.has(kind) && PROBES.some((probe) => one[probe] === undefined)],
  ['has a variable twice', (one) => hasRepeats(listAt(one, 'env').map((variable) => textAt(variable, 'name')))],
  ['mounts a volume that is not there', (one, { pod }) => listAt(one, 'volumeMounts').some((mount) => !volumeNames(pod).includes(textAt(mount, 'name')))],
];

/** Holds every pod and container to the rules; init containers, too. */
export function checkPods(workloads: readonly Workload[]): Problems {
  return workloads.flatMap((workload) => [
    ...POD_RULES.filter(([, isBroken]) => isBroken(workload)).map(([complaint]) => `${workload.name} ${complaint}`),
    ...workload.containers.flatMap((container) => CONTAINER_RULES.filter(([, isBroken]) => isBroken(container, workload))
      .map(([complaint]) => `${workload.name}: ${textAt(container, 'name')} ${complaint}`)),
  ]);
}

function jobDeadline(object: KubeObject, pod: KubeObject): number {
  return Number(at(object, 'spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds') ?? at(object, 'spec', 'activeDeadlineSeconds') ?? pod['activeDeadlineSeconds']);
}

/** How long a container takes at most from the wish that it ends until it has cut everything, in seconds. */
function endsWithin(containers: readonly KubeObject[]): number {
  return Math.max(...containers.map((one) => Number(at(one, 'lifecycle', 'preStop', 'sleep', 'seconds') ?? 0) + envSeconds(one, 'MEDLEY_SHUTDOWN__DELAY') + envSeconds(one, 'MEDLEY_SHUTDOWN__GRACE')));
}

/** How long it takes until `/readyz` has taken it out of its Service, in seconds. */
function noticedAfter(container: KubeObject): number {
  return Number(at(container, 'readinessProbe', 'periodSeconds')) * Number(at(container, 'readinessProbe', 'failureThreshold'));
}

function envSeconds(container: KubeObject, name: string): number {
  const value = textAt(listAt(container, 'env').find((variable) => textAt(variable, 'name') === name), 'value');
  if (!/^[0-9]+s$/.test(value)) throw new Error(`${name} is "${value}", no number of seconds`);
  return Number.parseInt(value, 10);
}

function volumeNames(pod: KubeObject): readonly string[] {
  return [...listAt(pod, 'volumes').map((volume) => textAt(volume, 'name')), 'data'];
}

function hasRepeats(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}
