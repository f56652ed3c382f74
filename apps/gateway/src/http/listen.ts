import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts to listen; returns the URL. */
export async function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  server.listen(port, host);
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
