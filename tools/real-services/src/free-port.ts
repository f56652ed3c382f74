import { once } from 'node:events';
import { createServer } from 'node:net';

// Systems hand out ports for outgoing connections and for `listen(0)` from 32768 upwards (49152 on some), so below that nobody
// takes the port while its server is stopped for a moment.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 50;

/** Finds a port of 127.0.0.1 where nothing listens, outside the range that the system gives away by itself. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port found between ${LOWEST_PORT} and ${HIGHEST_PORT}`);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    // In use, or not ours to use: the next number will do.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
