import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';

export interface WebRequest {
  readonly method: string;
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The name that the client asked TLS for. */
  readonly serverName: string | undefined;
}

/** What a server says to a path: the bytes of an answer, or whatever it does with the socket. */
export type WebScript = string | Buffer | ((request: WebRequest, socket: Socket) => void);

/** A web server on a real socket that says exactly the bytes that its script holds, and keeps what it was asked. */
export class WebServer implements AsyncDisposable {
  readonly requests: WebRequest[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts = new Map<string, WebScript>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    });
    server.on(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', (socket: Socket) => this.#serve(socket));
  }

  /** Listens at `host` on a free port, or on the one that is given; with TLS if it has certificates. */
  static async start(host: string, tls?: TlsOptions, port = 0): Promise<WebServer> {
    const server = tls === undefined ? createTcpServer() : createTlsServer(tls).on('secureConnection', () => {});
    server.listen(port, host);
    await once(server, 'listening');
    return new WebServer(server);
  }

  get port(): number {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    return bound.port;
  }

  set(path: string, script: WebScript): void {
    this.#scripts.set(path, script);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const request = readRequest(received.slice(0, end), socket);
        received = received.slice(end + 4);
        this.requests.push(request);
        const script = this.#scripts.get(request.path) ?? this.#scripts.get('*') ?? httpAnswer('404 Not Found', {}, 'nothing');
        if (typeof script === 'function') script(request, socket);
        else socket.write(script);
      }
    });
  }
}

/** The bytes of a whole answer. Headers that are lists are sent once for each value. */
export function httpAnswer(status: string, headers: Readonly<Record<string, string | readonly string[]>> = {}, body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body);
  const all = { 'content-length': String(bytes.byteLength), ...headers };
  const lines = Object.entries(all).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));
  return Buffer.concat([Buffer.from([`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n'), 'latin1'), bytes]);
}

/** An answer that leads elsewhere. */
export function redirect(location: string | readonly string[], status = 302): Buffer {
  return httpAnswer(`${status} Elsewhere`, { location });
}

function readRequest(head: string, socket: Socket): WebRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const serverName = socket instanceof TLSSocket && typeof socket.servername === 'string' ? socket.servername : undefined;
  return { method, path, headers, serverName };
}
