import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPOSE, listAt, mapAt, type Tree } from './compose.ts';

/** The only services that may reach the Internet. */
const WINDOWS: ReadonlySet<string> = new Set(['url-preview', 'federation-fetch']);
/** Who calls whom: whoever calls shares a network with whom it calls, and whoever calls nobody shares none but those. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  gateway: ['metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch', 's3', 'synapse'],
  metadata: ['mongodb'],
  storage: ['s3'],
  thumbnail: ['storage', 's3'],
  'url-preview': ['storage'],
  'federation-fetch': ['storage'],
  setup: ['mongodb', 's3'],
  prometheus: ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch'],
  grafana: ['prometheus'],
  caddy: ['gateway', 'synapse'],
};
const STORES: Readonly<Record<string, readonly string[]>> = { mongodb: ['metadata', 'setup'], s3: ['gateway', 'storage', 'thumbnail', 'setup'] };

/** What of a compose file is not as it must be, in words. `secrets` are the names of the files that make-secrets.sh makes. */
export async function composeProblems(compose: Tree, secrets: ReadonlySet<string>): Promise<readonly string[]> {
  const services = Object.keys(mapAt(compose, 'services'));
  const each = services.flatMap((name) => containerProblems(name, mapAt(compose, 'services', name)));
  return [...each, ...networkProblems(compose, services), ...await fileProblems(compose, secrets)];
}

function containerProblems(name: string, service: Tree): readonly string[] {
  const image = String(service['image']);
  const wrong = {
    'its image is not pinned': !/:(v?\d+\.\d+\.\d+[\w.-]*|RELEASE\.[\dTZ-]+)\}?$/.test(image),
    'its root can be written': service['read_only'] !== true,
    'it has capabilities': listAt(service, 'cap_drop').join() !== 'ALL',
    'it can get new privileges': !listAt(service, 'security_opt').includes('no-new-privileges:true'),
    'its memory has no limit': service['mem_limit'] === undefined,
    'its processes have no limit': service['pids_limit'] === undefined,
    'it is not restarted': service['restart'] === undefined,
    'everybody can reach its port': listAt(service, 'ports').some((port) => !String(port).startsWith('127.0.0.1:')),
  };
  return Object.entries(wrong).filter(([, is]) => is).map(([text]) => `${name}: ${text}`);
}

function networkProblems(compose: Tree, services: readonly string[]): readonly string[] {
  const networksOf = (name: string): readonly unknown[] => listAt(mapAt(compose, 'services', name), 'networks');
  const shares = (one: string, other: string): boolean => networksOf(one).some((network) => networksOf(other).includes(network));
  const isOutward = (network: unknown): boolean => {
    const options = mapAt(compose, 'networks', String(network));
    return options['internal'] !== true && mapAt(options, 'driver_opts')['com.docker.network.bridge.enable_ip_masquerade'] !== 'false';
  };
  const reaching = services.filter((name) => networksOf(name).length === 0 || networksOf(name).some(isOutward));
  const known = (names: readonly string[]): readonly string[] => names.filter((name) => services.includes(name));
  return [
    ...reaching.filter((name) => !WINDOWS.has(name)).map((name) => `${name} reaches the Internet`),
    ...known([...WINDOWS]).filter((name) => !reaching.includes(name)).map((name) => `${name} does not reach the Internet`),
    ...known(Object.keys(CALLS)).flatMap((name) => known(CALLS[name] ?? []).filter((called) => !shares(name, called)).map((called) => `${name} does not reach ${called}`)),
    ...known(Object.keys(STORES)).flatMap((store) => services.filter((name) => name !== store && shares(name, store) && !STORES[store]?.includes(name)).map((name) => `${name} reaches ${store}`)),
  ];
}

async function fileProblems(compose: Tree, secrets: ReadonlySet<string>): Promise<readonly string[]> {
  const services = Object.entries(mapAt(compose, 'services')).map(([name]) => mapAt(compose, 'services', name));
  const mounts = services.flatMap((service) => listAt(service, 'volumes').map((mount) => String(mount).split(':')[0] ?? ''));
  const configs = Object.keys(mapAt(compose, 'configs')).map((name) => String(mapAt(compose, 'configs', name)['file']));
  const paths = [...mounts.filter((path) => path.startsWith('.')), ...configs];
  const missing = await Promise.all(paths.map((path) => access(join(COMPOSE, path)).then(() => [], () => [`${path} is not there`])));
  const named = services.flatMap((service) => listAt(service, 'secrets')).map(String);
  const volumes = mounts.filter((path) => !path.startsWith('.') && mapAt(compose, 'volumes')[path] === undefined);
  return [
    ...missing.flat(),
    ...volumes.map((name) => `there is no volume ${name}`),
    ...named.filter((name) => mapAt(compose, 'secrets', name)['file'] !== `./secrets/${name}` || !secrets.has(name)).map((name) => `there is no secret ${name}`),
  ];
}
