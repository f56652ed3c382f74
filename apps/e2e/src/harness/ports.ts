import { once } from 'node:events';
import { createServer } from 'node:net';

/** Where everything of one Medley listens on 127.0.0.1. */
export interface Ports {
  readonly http: number;
  readonly metadata: number;
  readonly storage: number;
  readonly thumbnail: number;
  readonly data: number;
  /** The first of a run: service number i has this plus i. */
  readonly metrics: number;
}

// Below what systems hand out by themselves, so that nobody takes a port between two starts of the same Medley.
const LOWEST = 12_000;
const HIGHEST = 19_900;
const RUN = 16;
const ATTEMPTS = 50;

/** Finds a run of free ports. */
export async function findPorts(): Promise<Ports> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const base = LOWEST + Math.floor(Math.random() * ((HIGHEST - LOWEST) / RUN)) * RUN;
    if (await areFree(base)) {
      return { http: base, metadata: base + 1, storage: base + 2, thumbnail: base + 3, data: base + 4, metrics: base + 8 };
    }
  }
  throw new Error(`no ${RUN} free ports in a row between ${LOWEST} and ${HIGHEST}`);
}

async function areFree(base: number): Promise<boolean> {
  for (let port = base; port < base + RUN; port += 1) {
    if (!(await isFree(port))) return false;
  }
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    // Taken, which is the answer.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
