import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenConfig } from '@medley/config/listen';

/** Starts to listen; returns the URL. As many connections may come at once as there may be: one that finds no place in the system's queue tries again only after a second. */
export async function listen(server: Server, { host, port, max_connections: backlog }: Pick<ListenConfig, 'host' | 'port' | 'max_connections'>): Promise<string> {
  server.listen({ port, host, backlog });
  await once(server, 'listening');
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

/** Takes no more connections, lets running requests finish for `graceMs`, cuts the rest. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  // one that was busy is idle only after its answer
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
  clearInterval(idle);
}
