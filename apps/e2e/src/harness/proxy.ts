import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { eventually } from '@medley/testing/eventually';
import { findFreePorts } from '@medley/testing/free-ports';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Block } from '@medley/tool-docs/markdown';

export const PROXIES = ['nginx', 'haproxy', 'caddy'] as const;
export type ProxyName = (typeof PROXIES)[number];

/** Who stands behind a proxy, and the configuration that a page shows for it. */
export interface ProxySetup {
  readonly program: string;
  readonly documented: string;
  readonly medleyPort: number;
  readonly homeserverPort: number;
}

export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
}

interface Recipe {
  /** Makes a whole configuration of what a page shows, in a folder of its own. */
  readonly configure: (documented: string, port: number, folder: string) => string;
  readonly args: (config: string, folder: string) => readonly string[];
}

/** What a page leaves to the reader: listening without TLS, and where files go. */
const RECIPES: Readonly<Record<ProxyName, Recipe>> = {
  nginx: {
    configure: (documented, port, folder) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
      return `daemon off;\nmaster_process off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\nserver {\nlisten 127.0.0.1:${port};\n${documented}\n}\n}\n`;
    },
    args: (config, folder) => ['-p', folder, '-e', 'stderr', '-c', config],
  },
  haproxy: {
    configure: (documented, port) => `${documented.replace(/bind .*\n\s*bind .*/, `bind 127.0.0.1:${port}`)}\n`,
    args: (config) => ['-db', '-f', config],
  },
  caddy: {
    configure: (documented, port) => `{\n\tadmin off\n\tauto_https off\n}\n${documented.replace(/^matrix\.example\.org.*\{/m, `http://:${port} {\n\tbind 127.0.0.1`)}\n`,
    args: (config) => ['run', '--config', config, '--adapter', 'caddyfile'],
  },
};

/** Where a program is; `undefined` where this machine has none. */
export function findProgram(name: ProxyName): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The configurations that a page shows for a proxy, with other ports behind it than the page's. */
export function readDocumented(blocks: readonly Block[], name: ProxyName): string {
  return blocks.filter(({ language }) => language === name).map(({ text }) => text).join('\n');
}

/** Starts a proxy as a page says, and waits until it listens. Ended by disposing of it. */
export async function startProxy(name: ProxyName, { program, documented, medleyPort, homeserverPort }: ProxySetup): Promise<RunningProxy> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const port = await findFreePorts(1);
  const config = join(folder, 'config');
  const replaced = documented.replaceAll('127.0.0.1:8008', `127.0.0.1:${medleyPort}`).replaceAll('127.0.0.1:8018', `127.0.0.1:${homeserverPort}`);
  await writeFile(config, RECIPES[name].configure(replaced, port, folder));
  let said = '';
  const child = spawn(program, RECIPES[name].args(config, folder), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await Promise.race([eventually(() => knock(port)), exited.then(() => Promise.reject(new Error(`${name} ended:\n${said}`)))]);
  const owned = stack.move();
  return { port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function knock(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.destroy();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
