import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One question, as it came. */
export interface IntrospectionCall {
  readonly token: string;
  readonly authorization: string;
}

/** An OAuth 2.0 authorization server on 127.0.0.1 that answers for its tokens (RFC 7662) with what a test says, and for all others that they are not active. */
export class FakeAuthorizationServer implements AsyncDisposable {
  readonly calls: IntrospectionCall[] = [];
  /** What is said of active tokens, besides that they are. */
  readonly tokens = new Map<string, Readonly<Record<string, unknown>>>();
  /** Another than 200 is answered to everything. */
  status = 200;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<FakeAuthorizationServer> {
    const fake = new FakeAuthorizationServer();
    await once(fake.#server.listen(0, '127.0.0.1'), 'listening');
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/oauth2/introspect`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = new URLSearchParams(await text(request)).get('token') ?? '';
    this.calls.push({ token, authorization: request.headers.authorization ?? '' });
    const found = this.tokens.get(token);
    const body = found === undefined ? { active: false } : { active: true, ...found };
    response.writeHead(this.status, { 'content-type': 'application/json' }).end(JSON.stringify(this.status === 200 ? body : { error: 'invalid_client' }));
  }
}
