import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What happens to connections, those that are open and those that come.
 * - `pass`: nothing.
 * - `refuse`: they are reset.
 * - `freeze`: they stay open, and nothing goes through; what was sent meanwhile goes through afterwards.
 * - `lose-replies`: what is sent arrives, and the answers are thrown away.
 */
export type ProxyMode = 'pass' | 'refuse' | 'freeze' | 'lose-replies';

/** Stands between a program and a TCP server that it uses, and does what networks do. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = 'pass';
  #delayMs = 0;

  private constructor(targetPort: number) {
    this.#server = createServer({ pauseOnConnect: true }, (client) => this.#accept(client, targetPort));
  }

  /** Listens on a free port of 127.0.0.1 for what goes to `targetPort` there. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on every connection is treated so. */
  set mode(mode: ProxyMode) {
    this.#mode = mode;
    for (const pair of this.#pairs) pair.treat(mode);
  }

  /** From now on answers arrive this much later, in milliseconds. */
  set delayMs(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Resets every open connection; new ones come as the mode says. */
  cut(): void {
    for (const pair of this.#pairs) pair.treat('refuse');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket, targetPort: number): void {
    if (this.#mode === 'refuse') {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const pair = new Pair(client, connect(targetPort, '127.0.0.1'), () => this.#delayMs);
    this.#pairs.add(pair);
    client.once('close', () => this.#pairs.delete(pair));
    pair.treat(this.#mode);
  }
}

/** One connection through the proxy: its two halves. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  #mode: ProxyMode = 'pass';

  constructor(client: Socket, server: Socket, delayMs: () => number) {
    this.#client = client;
    this.#server = server;
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      socket.on('error', () => {}).once('close', () => other.destroy()).once('end', () => other.end());
    }
    client.on('data', (bytes) => void server.write(bytes));
    server.on('data', (bytes) => {
      if (this.#mode === 'lose-replies') return;
      const passOn = (): void => void client.write(bytes);
      if (delayMs() === 0) passOn();
      else setTimeout(passOn, delayMs());
    });
  }

  treat(mode: ProxyMode): void {
    this.#mode = mode;
    for (const socket of [this.#client, this.#server]) {
      if (mode === 'refuse') reset(socket);
      else if (mode === 'freeze') socket.pause();
      else socket.resume();
    }
  }
}

/** A connection that is being closed can't be reset any more. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
