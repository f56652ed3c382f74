import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@medley/testing/eventually';

/** What came, exactly as it came. */
export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** How many bytes of its body are here by now. */
  sizeBytes: number;
}

/** A server behind a proxy that takes everything and says its own name, in `X-Answered-By` and in the body. */
export class Upstream implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  readonly #server: Server;

  private constructor(name: string) {
    this.#server = createServer((request, response) => void this.#take(name, request, response));
  }

  static async start(name: string): Promise<Upstream> {
    const upstream = new Upstream(name);
    await once(upstream.#server.listen(0, '127.0.0.1'), 'listening');
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits until the newest arrival has so many bytes of its body. */
  async untilArrived(sizeBytes: number): Promise<void> {
    await eventually(() => {
      const arrived = this.arrivals.at(-1)?.sizeBytes ?? 0;
      if (arrived < sizeBytes) throw new Error(`${arrived} bytes have arrived, not ${sizeBytes}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #take(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival: Arrival = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, sizeBytes: 0 };
    this.arrivals.push(arrival);
    for await (const chunk of request as AsyncIterable<Buffer>) arrival.sizeBytes += chunk.byteLength;
    response.writeHead(200, { 'Content-Type': 'application/json', 'X-Answered-By': name }).end(JSON.stringify({ name }));
  }
}
