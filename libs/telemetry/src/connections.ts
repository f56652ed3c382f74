import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Meter } from '@opentelemetry/api';

/**
 * Shows how many connections an HTTP server has, and what has come and gone over all of them, headers included. Costs
 * nothing while requests are answered: the sockets themselves count, and are asked when somebody scrapes. `name` tells the
 * servers of one process apart.
 */
export function observeConnections(meter: Meter, server: Server, name: string): void {
  const open = new Set<Socket>();
  const closed = { in: 0, out: 0 };
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closed.in += socket.bytesRead;
      closed.out += socket.bytesWritten;
    });
  });
  meter.createObservableGauge('medley.http.connections', { description: 'Open connections of the HTTP server' }).addCallback((result) => result.observe(open.size, { server: name }));
  meter.createObservableCounter('medley.http.bytes', { description: 'Bytes that came (in) and went (out) over HTTP, headers included', unit: 'By' }).addCallback((result) => {
    const total = { ...closed };
    for (const socket of open) {
      total.in += socket.bytesRead;
      total.out += socket.bytesWritten;
    }
    result.observe(total.in, { server: name, direction: 'in' });
    result.observe(total.out, { server: name, direction: 'out' });
  });
}
