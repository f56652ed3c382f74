import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type ListenOptions, type Server as SocketServer } from 'node:net';
import type { ListenConfig } from '@medley/config/listen';
import { MoreSockets } from './more-sockets.ts';

/** Elsewhere a shared port is refused, or newcomers are not divided among its sockets. */
const CAN_SHARE_PORTS = process.platform === 'linux';

/** An HTTP server that listens. */
export interface Listening {
  readonly url: string;
  /** Takes no more connections, lets running requests finish for `graceMs`, cuts the rest. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Starts to listen, with as many sockets as configured. As many connections may come at once as there may be: one that finds no
 * place in the system's queue tries again only after a second. Rejects where another program listens already.
 */
export async function listen(server: Server, config: Pick<ListenConfig, 'host' | 'port' | 'max_connections' | 'sockets'>): Promise<Listening> {
  const { host, max_connections: backlog } = config;
  const count = CAN_SHARE_PORTS ? config.sockets : 1;
  const options = { host, backlog, reusePort: count > 1 };
  if (options.reusePort && config.port !== 0) await requireFree({ host, port: config.port });
  const port = await open(server, { ...options, port: config.port });
  const more = new MoreSockets(server);
  for (let opened = 1; opened < count; opened += 1) await open(more.add(), { ...options, port });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    drain: (graceMs) => drain(server, more, graceMs),
  };
}

async function open(server: SocketServer, options: ListenOptions): Promise<number> {
  server.listen(options);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Who shares a port does so with whoever else of the same user wants to, and is never told that he is not alone. */
async function requireFree(where: ListenOptions): Promise<void> {
  const probe = createServer();
  await open(probe, where);
  probe.close();
  await once(probe, 'close');
}

async function drain(server: Server, more: MoreSockets, graceMs: number): Promise<void> {
  const closed = Promise.all([once(server.close(), 'close'), more.close()]);
  server.closeIdleConnections();
  // one that was busy is idle only after its answer
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
  clearInterval(idle);
}
