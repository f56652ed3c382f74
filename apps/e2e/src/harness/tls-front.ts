import { once } from 'node:events';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { REMOTE_TLS } from '@medley/testing/fake-remote-certificates';

/** What stands before a homeserver and its Medley: it ends TLS and chooses by path, as an operator’s proxy does, and changes nothing else. */
export class TlsFront implements AsyncDisposable {
  /** The targets that were asked for, in order. */
  readonly targets: string[] = [];
  readonly #server: Server;
  #ports: Readonly<Record<string, number>> = {};

  private constructor(server: Server) {
    this.#server = server.on('request', (incoming: IncomingMessage, response: ServerResponse) => this.#pass(incoming, response));
  }

  static async start(): Promise<TlsFront> {
    const server = createServer(REMOTE_TLS).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsFront(server);
  }

  /** Under which other servers reach what is behind. */
  get serverName(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Says which port of this machine answers what begins like this; all else is not found. */
  route(ports: Readonly<Record<string, number>>): void {
    this.#ports = ports;
  }

  countOf(prefix: string): number {
    return this.targets.filter((target) => target.startsWith(prefix)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, url: path = '', rawHeaders: headers } = incoming;
    this.targets.push(path);
    const [, port] = Object.entries(this.#ports).find(([prefix]) => path.startsWith(prefix)) ?? [];
    if (port === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404 Not Found</h1>');
      return;
    }
    // what breaks off on one side breaks off on the other
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }).on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
      pipeline(answer, response, () => {});
    });
    incoming.pipe(outgoing);
  }
}
