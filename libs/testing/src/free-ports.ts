import { once } from 'node:events';
import { createServer } from 'node:net';

// Systems hand out ports for outgoing connections and for `listen(0)` from 32768 upwards (49152 on some), so below that nobody
// takes a port while its server is stopped for a moment.
const LOWEST = 12_000;
const HIGHEST = 32_000;
const ATTEMPTS = 50;

/** Finds the first of `count` ports in a row where nothing listens on 127.0.0.1, outside the range that the system gives away by itself. */
export async function findFreePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const checks = Array.from({ length: count }, (_, index) => isFree(first + index));
    if ((await Promise.all(checks)).every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row between ${LOWEST} and ${HIGHEST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false; // in use, or not ours to use: the next number will do
  }
  server.close();
  await once(server, 'close');
  return true;
}
