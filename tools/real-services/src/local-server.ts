import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '@medley/testing/free-ports';
import { type Supervised, startSupervised } from './supervised.ts';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 25;
const PORT_ATTEMPTS = 3;

/** How to run a server on a port and a data folder. */
export interface ServerRecipe {
  readonly name: string;
  readonly command: string;
  readonly args: (dataFolder: string, port: number) => readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Tells whether the server answers; errors count as no. */
  readonly isReady: (port: number) => Promise<boolean>;
}

/** A server of our own on 127.0.0.1. Disposing of it stops it and removes its data. */
export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  readonly dataFolder: string;
  /** Ends the server and keeps its data; `SIGKILL` makes it a crash. Does nothing while stopped. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. Does nothing while running. */
  start(): Promise<void>;
}

/**
 * Starts a server on a free port with a new data folder and waits until it answers.
 * Throws with the end of its standard error if it dies or does not answer in time. A server that is never
 * disposed of does not keep the process alive, and is removed with its data when the process ends.
 */
export async function openLocalServer(recipe: ServerRecipe): Promise<LocalServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), `medley-${recipe.name}-`));
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePorts(1);
    try {
      return localServer(recipe, dataFolder, port, await run(recipe, dataFolder, port));
    } catch (error) {
      if (attempt < PORT_ATTEMPTS && String(error).includes('in use')) continue;
      await rm(dataFolder, { recursive: true, force: true });
      throw error;
    }
  }
}

function localServer(recipe: ServerRecipe, dataFolder: string, port: number, first: Supervised): LocalServer {
  let running: Supervised | undefined = first;
  const server: LocalServer = {
    port,
    dataFolder,
    start: async () => {
      if (running !== undefined && !running.hasExited()) return;
      running = await run(recipe, dataFolder, port);
    },
    stop: async (signal = 'SIGTERM') => {
      const stopping = running;
      running = undefined;
      if (stopping !== undefined) await end(stopping, signal);
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop('SIGKILL');
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return server;
}

async function run(recipe: ServerRecipe, dataFolder: string, port: number): Promise<Supervised> {
  const { command, env } = recipe;
  const process = startSupervised({ command, env, args: recipe.args(dataFolder, port), folder: dataFolder });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await recipe.isReady(port).catch(() => false)) || process.hasExited()) {
    if (process.hasExited()) throw new Error(`${recipe.name} ended while starting: ${process.stderrTail()}`);
    if (Date.now() > deadline) {
      await end(process, 'SIGKILL');
      throw new Error(`${recipe.name} did not answer within ${START_LIMIT_MS} ms: ${process.stderrTail()}`);
    }
    await sleep(POLL_MS);
  }
  process.hold(false);
  return process;
}

async function end(process: Supervised, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  process.hold(true);
  process.signal(signal);
  const timer = setTimeout(() => process.signal('SIGKILL'), STOP_LIMIT_MS);
  await process.exited;
  clearTimeout(timer);
}
