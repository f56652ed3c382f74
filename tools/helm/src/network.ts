import { BlockList, isIPv6 } from 'node:net';
import { at, listAt, textAt } from './json.ts';
import { isSelected, type Labels, ofKind, workloadsOf } from './objects.ts';
import { type KubeObject, NAMESPACE } from './render.ts';

/** One end of a connection: pods by their labels, in a namespace, or an address outside of the cluster. */
export type End = { readonly labels: Labels; readonly namespace: Labels } | { readonly address: string };

type Direction = 'Ingress' | 'Egress';

/** The namespace that everything is rendered for. */
export const OWN_NAMESPACE: Labels = { 'kubernetes.io/metadata.name': NAMESPACE };

/** Judges connections as Kubernetes' NetworkPolicies say: what one policy selects is closed but for what any of them opens. */
export class Network {
  readonly #policies: readonly KubeObject[];
  readonly #ports = new Map<string, ReadonlyMap<string, number>>();
  readonly #pods = new Map<string, Labels>();

  constructor(objects: readonly KubeObject[]) {
    this.#policies = ofKind(objects, 'NetworkPolicy');
    for (const { component, labels, containers } of workloadsOf(objects)) {
      const ports = containers.flatMap((container) => listAt(container, 'ports')).map((port) => [textAt(port, 'name'), Number(at(port, 'containerPort'))] as const);
      this.#pods.set(component, labels);
      this.#ports.set(component, new Map(ports));
    }
  }

  /** The components there are pods of. */
  get components(): readonly string[] {
    return [...this.#pods.keys()];
  }

  /** The pods of a component. Throws if there are none. */
  pods(component: string): End {
    const labels = this.#pods.get(component);
    if (labels === undefined) throw new Error(`there is no ${component}`);
    return { labels, namespace: OWN_NAMESPACE };
  }

  /** The number of a component's named port. */
  port(component: string, name: string): number {
    return this.#ports.get(component)?.get(name) ?? Number.NaN;
  }

  /** Whether a TCP connection from one end to a port of the other is let through at both. */
  allows(from: End, to: End, port: number): boolean {
    return this.#passes('Egress', from, { peer: to, target: to, port }) && this.#passes('Ingress', to, { peer: from, target: to, port });
  }

  #passes(direction: Direction, self: End, traffic: Traffic): boolean {
    if ('address' in self) return true;
    if (self.namespace !== OWN_NAMESPACE) return true; // ours say nothing about pods elsewhere
    const mine = this.#policies.filter((policy) => listAt(policy, 'spec', 'policyTypes').includes(direction) && isSelected(at(policy, 'spec', 'podSelector'), self.labels));
    return mine.length === 0 || mine.some((policy) => listAt(policy, 'spec', direction.toLowerCase()).some((rule) => this.#ruleAllows(rule, direction, traffic)));
  }

  #ruleAllows(rule: unknown, direction: Direction, { peer, target, port }: Traffic): boolean {
    const peers = at(rule, direction === 'Ingress' ? 'from' : 'to');
    const ports = at(rule, 'ports');
    const isPeer = !Array.isArray(peers) || peers.some((one) => isPeerOf(one, peer));
    return isPeer && (!Array.isArray(ports) || ports.some((one) => this.#isPort(one, target, port)));
  }

  #isPort(rule: unknown, target: End, port: number): boolean {
    if (textAt(rule, 'protocol') !== 'TCP') return false;
    const given = at(rule, 'port');
    if (typeof given === 'number') return port >= given && port <= Number(at(rule, 'endPort') ?? given);
    const component = 'labels' in target ? target.labels['app.kubernetes.io/component'] : undefined;
    return this.port(component ?? '', String(given)) === port;
  }
}

interface Traffic {
  readonly peer: End;
  /** Whose ports are meant. */
  readonly target: End;
  readonly port: number;
}

function isPeerOf(rule: unknown, end: End): boolean {
  const block = at(rule, 'ipBlock');
  if (block !== undefined) return 'address' in end && isInside(end.address, textAt(block, 'cidr')) && !listAt(block, 'except').some((one) => isInside(end.address, String(one)));
  if ('address' in end) return false;
  const namespaces = at(rule, 'namespaceSelector');
  const isNamespace = namespaces === undefined ? end.namespace === OWN_NAMESPACE : isSelected(namespaces, end.namespace);
  return isNamespace && isSelected(at(rule, 'podSelector'), end.labels);
}

/** Whether an address lies in a CIDR. */
export function isInside(address: string, cidr: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  if (isIPv6(address) !== isIPv6(network)) return false;
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, family);
}
