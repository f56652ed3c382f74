/** A small server to start, stop and kill: it notes its own start and number in the data folder, and answers "ok". */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { openLocalServer } from './local-server.ts';
import type { LocalServer, ServerRecipe } from './local-server.ts';

/** How to run this file as a server. */
export const fixtureRecipe: ServerRecipe = {
  name: 'fixture',
  command: process.execPath,
  args: (dataFolder, port) => [import.meta.filename, 'serve', dataFolder, String(port)],
  env: { PATH: process.env['PATH'] },
  isReady: async (port) => (await fetch(`http://127.0.0.1:${port}/`)).ok,
};

function serve(dataFolder: string, port: number): void {
  appendFileSync(join(dataFolder, 'starts'), `${process.pid}\n`);
  createServer((_request, response) => response.end('ok')).listen(port, '127.0.0.1');
}

async function abandon(): Promise<LocalServer> {
  const server = await openLocalServer(fixtureRecipe);
  process.stdout.write(`${JSON.stringify({ port: server.port, dataFolder: server.dataFolder })}\n`);
  return server;
}

if (import.meta.main) {
  const [mode, dataFolder = '', port] = process.argv.slice(2);
  if (mode === 'serve') serve(dataFolder, Number(port));
  if (mode === 'abandon') await abandon();
  if (mode === 'hang') {
    await abandon();
    setInterval(() => {}, 1000);
  }
}
