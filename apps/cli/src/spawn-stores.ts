import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { orAbort } from '@medley/streams/abort';
import type { ConfigSource } from './cli-config.ts';
import { endChild } from './end-child.ts';

/** A metadata and a storage service of our own. */
export interface SpawnedStores {
  readonly addresses: StoreAddresses;
  /** What keeps them from doing their work, in words. One question at a time. */
  missing(): Promise<readonly string[]>;
  /** Ends them, and waits until they have ended. */
  close(): Promise<void>;
}

interface StoreAddresses {
  readonly metadata: string;
  readonly storage: string;
  readonly token: undefined;
  readonly tls: undefined;
}

const ENTRY_POINT = fileURLToPath(new URL('../../medley/src/stores.ts', import.meta.url));

/**
 * Starts the services in a process that ends when this one does, however this ends. It is a group of its own, so that
 * Ctrl-C reaches only this process, which still needs it. What it logs goes to stderr.
 */
export async function spawnStores({ path, env }: ConfigSource, signal: AbortSignal): Promise<SpawnedStores> {
  const args = [...process.execArgv, ENTRY_POINT, ...(path === undefined ? [] : ['--config', path])];
  const quiet = { ...env, MEDLEY_TELEMETRY__LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, args, { env: quiet, stdio: ['ignore', 2, 2, 'ipc'], detached: true });
  try {
    return { addresses: await orAbort(readAddresses(child), signal), missing: () => askMissing(child), close: () => endChild(child) };
  } catch (error) {
    await endChild(child);
    throw error;
  }
}

async function readAddresses(child: ChildProcess): Promise<StoreAddresses> {
  const { promise, resolve, reject } = Promise.withResolvers<StoreAddresses>();
  child.once('error', reject);
  child.once('exit', (code, ended) => reject(new Error(`could not open the stores: it ended with ${code ?? ended}`)));
  child.once('message', (message: { metadata: string; storage: string } | { failure: string }) => {
    if ('failure' in message) reject(new Error(`could not open the stores: ${message.failure}`));
    else resolve({ metadata: message.metadata, storage: message.storage, token: undefined, tls: undefined });
  });
  return promise;
}

async function askMissing(child: ChildProcess): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const onExit = (): void => reject(new Error('the stores have ended'));
  child.once('exit', onExit);
  child.once('message', (message: { missing: readonly string[] }) => resolve(message.missing));
  child.send('missing', (error) => error && reject(error));
  return promise.finally(() => child.off('exit', onExit));
}
