import { type End, Network, OWN_NAMESPACE } from './network.ts';
import { ofKind } from './objects.ts';
import type { Problems } from './pod-policy.ts';
import type { KubeObject } from './render.ts';

/** Who talks to whom (docs/explanation/architecture.md), and what looks after the stores. Nothing else is open. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  gateway: ['metadata:grpc', 'storage:grpc', 'storage:data', 'thumbnail:grpc', 'url-preview:grpc', 'federation-fetch:grpc', 'content-scanner:grpc'],
  thumbnail: ['storage:grpc', 'storage:data'],
  'url-preview': ['storage:grpc', 'storage:data'],
  'federation-fetch': ['storage:grpc', 'storage:data'],
  maintenance: ['metadata:grpc', 'storage:grpc'],
  'helm-test': ['gateway:http'],
  metadata: ['mongodb:mongodb'],
  storage: ['s3:s3'],
  setup: ['mongodb:mongodb', 's3:s3'],
  // Each of the stores for try-outs finds itself by its name.
  mongodb: ['mongodb:mongodb'],
  s3: ['s3:s3'],
};

/** The two rooms with windows to the Internet. */
const WINDOWS = ['url-preview', 'federation-fetch'];
const PUBLIC = ['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1'];
/** Nobody looks in there: this host, the cloud's metadata, the cluster, the operator's network, addresses that stand for those. */
const PRIVATE = [
  '0.0.0.0', '10.0.0.1', '10.96.0.1', '10.255.255.255', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.168.1.1',
  '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::1', '::', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2001::1', '2002:a00:1::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'ff02::1',
];
const PORTS = [80, 443, 2379, 6443, 8008, 8081, 8448, 27017, 50051];
/** Where stores that were given are called, wherever they are. */
const STORE_PORTS = [443, 27017];

const ELSEWHERE: End = { labels: { app: 'something' }, namespace: { 'kubernetes.io/metadata.name': 'elsewhere' } };
const NEIGHBOUR: End = { labels: { app: 'something' }, namespace: OWN_NAMESPACE };
const DNS: End = { labels: { 'k8s-app': 'kube-dns' }, namespace: { 'kubernetes.io/metadata.name': 'kube-system' } };
const STRANGERS: Readonly<Record<string, End>> = { 'a pod elsewhere': ELSEWHERE, 'a pod beside it': NEIGHBOUR, 'the Internet': { address: '93.184.216.34' } };

/** Whether what is closed is closed and what is needed is open, for each pair of components and for what lies outside. */
export function checkNetwork(objects: readonly KubeObject[]): Problems {
  const network = new Network(objects);
  const selected = new Set(ofKind(objects, 'NetworkPolicy').map((policy) => JSON.stringify(policy).match(/"podSelector":.*?"app.kubernetes.io\/component":"([^"]+)"/)?.[1]));
  return network.components.flatMap((from) => [
    ...(selected.has(from) ? [] : [`${from} has no NetworkPolicy`]),
    ...network.components.flatMap((to) => checkPair(network, from, to)),
    ...checkOutward(network, from),
    ...checkInward(network, from),
  ]);
}

function checkPair(network: Network, from: string, to: string): Problems {
  return ['http', 'grpc', 'data', 'metrics', 'mongodb', 's3'].flatMap((name) => {
    const port = network.port(to, name);
    if (Number.isNaN(port)) return [];
    const isOpen = network.allows(network.pods(from), network.pods(to), port);
    const isMeant = CALLS[from]?.includes(`${to}:${name}`) === true;
    return isOpen === isMeant ? [] : [`${from} ${isOpen ? 'reaches' : 'does not reach'} ${to}:${name}`];
  });
}

function checkOutward(network: Network, from: string): Problems {
  const self = network.pods(from);
  const isWindow = WINDOWS.includes(from);
  const reached = (addresses: readonly string[], ports: readonly number[]): readonly string[] =>
    addresses.flatMap((address) => ports.filter((port) => network.allows(self, { address }, port)).map((port) => `${address} port ${port}`));
  const unreached = isWindow ? PUBLIC.filter((address) => !network.allows(self, { address }, 8448)) : [];
  const isStore = ['metadata', 'storage', 'setup'].includes(from);
  return [
    ...(network.allows(self, DNS, 53) ? [] : [`${from} does not reach DNS`]),
    ...unreached.map((address) => `${from} does not reach ${address}`),
    // A store that was given may be anywhere, at its own port.
    ...reached(isWindow ? PRIVATE : [...PUBLIC, ...PRIVATE], isStore ? PORTS.filter((port) => !STORE_PORTS.includes(port)) : PORTS).map((where) => `${from} reaches ${where}`),
    ...(isStore ? [] : PORTS.filter((port) => network.allows(self, ELSEWHERE, port)).map((port) => `${from} reaches port ${port} of a pod elsewhere`)),
    ...(isWindow ? PORTS.filter((port) => network.allows(self, NEIGHBOUR, port)).map((port) => `${from} reaches port ${port} of a pod beside it`) : []),
  ];
}

/** Strangers come in at the gateway only. */
function checkInward(network: Network, to: string): Problems {
  return Object.entries(STRANGERS).flatMap(([who, stranger]) => ['grpc', 'data', 'mongodb', 's3'].flatMap((name) => {
    const port = network.port(to, name);
    return !Number.isNaN(port) && network.allows(stranger, network.pods(to), port) ? [`${who} reaches ${to}:${name}`] : [];
  }));
}
