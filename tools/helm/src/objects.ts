import { at, isRecord, listAt, textAt } from './json.ts';
import type { KubeObject } from './render.ts';

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** An object that makes pods, or is one. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  /** The value of `app.kubernetes.io/component`. */
  readonly component: string;
  readonly labels: Labels;
  readonly pod: KubeObject;
  readonly containers: readonly KubeObject[];
  readonly object: KubeObject;
}

const POD_SPECS: Readonly<Record<string, readonly string[]>> = {
  Pod: [], Deployment: ['spec', 'template'], StatefulSet: ['spec', 'template'], Job: ['spec', 'template'], CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** `Deployment medley-gateway` */
export function nameOf(object: KubeObject): string {
  return `${textAt(object, 'kind')} ${textAt(object, 'metadata', 'name')}`;
}

/** The objects of one kind. */
export function ofKind(objects: readonly KubeObject[], kind: string): readonly KubeObject[] {
  return objects.filter((object) => object['kind'] === kind);
}

/** Everything that runs. */
export function workloadsOf(objects: readonly KubeObject[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const kind = textAt(object, 'kind');
    const path = POD_SPECS[kind];
    if (path === undefined) return [];
    const labels = toLabels(at(object, ...path, 'metadata', 'labels'));
    const pod = toRecord(at(object, ...path, 'spec'));
    const containers = [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')].filter(isRecord);
    return [{ kind, name: nameOf(object), component: labels['app.kubernetes.io/component'] ?? '', labels, pod, containers, object }];
  });
}

/** Whether a label selector (`matchLabels`, `matchExpressions`) or a plain one chooses these labels. An empty one chooses all. */
export function isSelected(selector: unknown, labels: Labels): boolean {
  const wanted = toLabels(at(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions');
  return expressions.every((one) => fits(one, labels)) && Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function fits(expression: unknown, labels: Labels): boolean {
  const isListed = listAt(expression, 'values').includes(labels[textAt(expression, 'key')]);
  const operator = textAt(expression, 'operator');
  if (operator !== 'In' && operator !== 'NotIn') throw new Error(`the operator ${operator} is not known here`);
  return isListed === (operator === 'In');
}

/** What a value says as labels: nothing where it is no object. */
export function toLabels(value: unknown): Labels {
  return Object.fromEntries(Object.entries(toRecord(value)).map(([key, label]) => [key, String(label)]));
}

function toRecord(value: unknown): KubeObject {
  return isRecord(value) ? value : {};
}
