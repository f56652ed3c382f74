import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import type { DescribedService } from '@medley/grpc/service-config';
import { orAbort } from '@medley/streams/abort';
import type { ConfigSource } from './cli-config.ts';
import { endChild } from './end-child.ts';
import type { CommonOptions } from './options.ts';

/** A service that can be asked by itself, since it keeps nothing. */
export interface WantedService<Service extends DescribedService> {
  readonly definition: Service;
  readonly name: 'federation-fetch' | 'url-preview';
  /** Where it is found in a cluster. */
  readonly address: string;
}

export interface OpenedService<Service extends DescribedService> extends AsyncDisposable {
  readonly rpc: ConnectedClient<Service>['rpc'];
}

const START_LIMIT_MS = 10_000;
const PAUSE_MS = 20;

/**
 * Connects to a service of a cluster, or starts one that ends with this process: `--connect` and `--standalone` say which,
 * else whether records are embedded. Rejects with the signal's reason if that aborts before it listens.
 */
export async function openService<Service extends DescribedService>(
  { definition, name, address }: WantedService<Service>,
  source: ConfigSource,
  { connect, standalone }: CommonOptions,
  signal: AbortSignal,
): Promise<OpenedService<Service>> {
  const { grpc: { token, tls }, metadata } = source.config;
  await using opened = new AsyncDisposableStack();
  const isCluster = connect === true || (metadata.kind === 'mongodb' && standalone !== true);
  const client = connectService(definition, { address: isCluster ? address : await startOwn(name, source, opened, signal), token, tls });
  opened.defer(() => client.close());
  const rest = opened.move();
  return { rpc: client.rpc, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

/** Starts a service and answers with its address once it listens there. */
async function startOwn(name: string, { path, env }: ConfigSource, opened: AsyncDisposableStack, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `medley-${name}-`));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'service.sock');
  const address = `unix://${socket}`;
  const entryPoint = fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url));
  const args = [...process.execArgv, entryPoint, ...(path === undefined ? [] : ['--config', path])];
  const own = { ...env, MEDLEY_GRPC__LISTEN: address, MEDLEY_METRICS__PORT: '0', MEDLEY_TELEMETRY__LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, args, { env: own, stdio: ['ignore', 2, 2, 'ipc'], detached: true });
  opened.defer(() => endChild(child));
  await untilListening(name, child, socket, signal);
  return address;
}

/** Waits for the socket of a service that has just been started: a channel that finds none pauses for a second. */
async function untilListening(name: string, child: ChildProcess, path: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while (!(await isThere(path))) {
    if (child.exitCode !== null) throw new Error(`could not start the ${name} service: it ended with ${child.exitCode}`);
    if (performance.now() - startedAt > START_LIMIT_MS) throw new Error(`could not start the ${name} service in time`);
    await orAbort(sleep(PAUSE_MS), signal);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
