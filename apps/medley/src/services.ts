import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { CLUSTER_ADDRESSES, type MedleyConfig } from '@medley/config/schema';
import { configPath, readConfig } from '@medley/runtime/run-service';
import { awaitStop, stopInOrder } from '@medley/runtime/shutdown';
import { createLogger } from '@medley/telemetry/logger';
import { Child, type ChildSpec } from './child.ts';
import { isTryOut, makeTryOut, tryOutHint } from './try-out.ts';

/** The services of a cluster, in the order of their metrics ports from `metrics.port` on. */
const SERVICES = ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch'] as const;
/** Where each listens for gRPC on one machine, if the configuration names no address. */
const LOCAL_ADDRESSES = {
  metadata: '127.0.0.1:50051', storage: '127.0.0.1:50052', thumbnail: '127.0.0.1:50053', url_preview: '127.0.0.1:50054',
  federation_fetch: '127.0.0.1:50055',
} as const;
/** Bodies pass through short-lived buffers: a larger young generation would keep more of them before it is looked through. */
const NODE_ARGS = ['--max-semi-space-size=8'];
type LocalService = keyof typeof LOCAL_ADDRESSES;

/** Runs every service as a process of its own, over TCP, as in a cluster; restarts one that dies. */
async function runServices(config: MedleyConfig, env: Readonly<Record<string, string>>): Promise<void> {
  const log = createLogger('services', config.telemetry.log_level);
  const signal = awaitStop();
  const children = toChildSpecs(config, env).map((spec) => new Child(spec, log));
  const failure = Promise.race(children.map((child) => child.ended)).then(() => 'a service failed');
  await stopInOrder(log, await Promise.race([signal, failure]), async () => {
    const codes: number[] = [];
    // the gateway first: while it drains it still needs the others
    for (const child of children) codes.push(await child.stop());
    process.exitCode = Math.max(0, ...codes);
  });
}

function toChildSpecs(config: MedleyConfig, env: Readonly<Record<string, string>>): ChildSpec[] {
  const addresses = localAddresses(config);
  const path = configPath();
  const shared = {
    ...process.env,
    ...env,
    ...Object.fromEntries(Object.entries(addresses).map(([name, address]) => [`MEDLEY_GRPC__${name.toUpperCase()}`, address])),
    ...(config.grpc.token === undefined && { MEDLEY_GRPC__TOKEN: randomBytes(32).toString('base64url') }),
  };
  return SERVICES.map((name, index) => ({
    name,
    args: [...NODE_ARGS, entryPoint(name), ...(path === undefined ? [] : ['--config', path])],
    env: {
      ...shared,
      // They end one after the other: only the gateway has clients that must be told first.
      ...(name === 'gateway' ? {} : { MEDLEY_GRPC__LISTEN: addresses[toKey(name)], MEDLEY_SHUTDOWN__DELAY: '0s' }),
      MEDLEY_METRICS__PORT: String(config.metrics.port === 0 ? 0 : config.metrics.port + index),
    },
  }));
}

function localAddresses({ grpc }: MedleyConfig): Record<LocalService, string> {
  const choose = (name: LocalService): string => (grpc[name] === CLUSTER_ADDRESSES[name] ? LOCAL_ADDRESSES[name] : grpc[name]);
  return {
    metadata: choose('metadata'), storage: choose('storage'), thumbnail: choose('thumbnail'), url_preview: choose('url_preview'),
    federation_fetch: choose('federation_fetch'),
  };
}

/** How the configuration writes the name of a service. */
function toKey(name: Exclude<(typeof SERVICES)[number], 'gateway'>): LocalService {
  if (name === 'url-preview') return 'url_preview';
  return name === 'federation-fetch' ? 'federation_fetch' : name;
}

function entryPoint(name: string): string {
  return fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url));
}

if (isTryOut()) {
  const { config, tokens, env } = await makeTryOut(process.env);
  process.stdout.write(tryOutHint(`http://${config.listen.host}:${config.listen.port}`, tokens));
  await runServices(config, env);
} else {
  const config = await readConfig();
  if (config !== undefined) await runServices(config, {});
}
