/** The process that makes HTTP requests as fast as the server answers them; see harness/load.ts. */
import { serveRequests } from '../harness/worker.ts';
import { LoadConnection, type LoadRequest } from './load-connection.ts';
import type { Work } from '../harness/rounds.ts';

/** Requests of one kind over a number of connections, until the time is up or `maxCount` are done. */
export interface Load extends LoadRequest {
  readonly connections: number;
  readonly seconds: number;
  readonly maxCount?: number;
}

serveRequests<Load>(run);

async function run(load: Load): Promise<Work> {
  const startedAt = performance.now();
  const deadline = startedAt + load.seconds * 1000;
  let started = 0;
  const mayStart = (): boolean => performance.now() < deadline && started++ < (load.maxCount ?? Infinity);
  const connections = Array.from({ length: load.connections }, () => new LoadConnection(load, mayStart));
  const counts = await Promise.all(connections.map((connection) => connection.run()));
  return { count: counts.reduce((sum, count) => sum + count, 0), wallMs: performance.now() - startedAt };
}
