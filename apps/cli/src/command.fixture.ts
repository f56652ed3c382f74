import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeTempDir } from '@medley/testing/temp-dir';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command as a shell would. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { child, ended: ended.then(([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr })) };
}

/** Runs the command to its end. */
export function run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(args, env).ended;
}

/** A folder with an empty data folder and a configuration for it; `config` is added. */
export async function makeSite(config: object = {}): Promise<AsyncDisposable & { readonly folder: string; readonly configPath: string }> {
  const folder = await makeTempDir();
  const configPath = join(folder.path, 'medley.yaml');
  const dataFolder = join(folder.path, 'data');
  await mkdir(dataFolder);
  await writeFile(configPath, JSON.stringify({ homeservers: [{ server_name: 'example.org' }], data_dir: dataFolder, ...config }));
  return { folder: folder.path, configPath, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
