import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type Server as SocketServer, type Socket } from 'node:net';

/**
 * Further sockets that listen at an HTTP server's port and give it their connections, of which there are no more than
 * `maxConnections` of the server in all.
 *
 * Node takes one new connection from each listening socket in a turn of its loop, and in the same turn serves all who are
 * connected. With one socket newcomers wait as many turns as there are of them, which takes seconds just when turns are long.
 */
export class MoreSockets {
  readonly #server: Server;
  readonly #max: number;
  readonly #sockets: SocketServer[] = [];
  /** Connections of all, and those that came by sockets of here. */
  #open = 0;
  #mine = 0;

  constructor(server: Server) {
    this.#server = server;
    this.#max = server.maxConnections ?? Infinity;
    server.on('connection', (connection) => this.#count(connection));
  }

  /** One more, that does not listen yet. */
  add(): SocketServer {
    // as an HTTP server's own
    const socket = createServer({ allowHalfOpen: true, noDelay: true }, (connection) => this.#take(connection));
    this.#sockets.push(socket);
    return socket;
  }

  /** Takes no more connections; resolves once the last one of those here has ended. */
  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => once(socket.close(), 'close')));
  }

  #take(connection: Socket): void {
    if (this.#open >= this.#max) {
      connection.destroy();
      return;
    }
    this.#countMine(1);
    connection.once('close', () => this.#countMine(-1));
    this.#server.emit('connection', connection);
  }

  #countMine(change: number): void {
    this.#mine += change;
    this.#server.maxConnections = this.#max - this.#mine;
  }

  #count(connection: Socket): void {
    this.#open += 1;
    connection.once('close', () => this.#open -= 1);
  }
}
