import { once } from 'node:events';
import { createServer, request as requestHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens to a request.
 * - `refuse`: it is answered with a status and a code of S3, and never arrives.
 * - `reset-request`: the connection is reset while the request's body comes.
 * - `lose-answer`: it arrives and is done; the connection is reset in place of the answer.
 * - `reset-answer`: the connection is reset after half of the answer's body.
 * - `half-answer`: half of the body comes, under a Content-Length that says so (`fits`), or that says all.
 * - `flip`: one bit of the answer's body is another.
 * - `drip`: the answer's body comes in small pieces.
 * - `stall`: nothing comes, ever.
 */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  | { readonly kind: 'reset-request' | 'lose-answer' | 'reset-answer' | 'flip' | 'drip' | 'stall' }
  | { readonly kind: 'half-answer'; readonly fits: boolean };

interface Rule {
  readonly matches: (line: string) => boolean;
  readonly fault: Fault;
  left: number;
}

/** Stands between a store and S3. Passes requests on unchanged, so that their signatures hold, but for those that a rule is for. */
export class FaultProxy implements AsyncDisposable {
  /** Method and target of every request, in the order they came. */
  readonly asked: string[] = [];
  readonly #target: URL;
  readonly #server: Server;
  #rules: Rule[] = [];
  #runningCount = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests that are under way. */
  get runningCount(): number {
    return this.#runningCount;
  }

  /** From now on the next `times` requests whose method and target match get this. */
  inject(pattern: RegExp, fault: Fault, times = Infinity): void {
    this.#rules.push({ matches: (line) => pattern.test(line), fault, left: times });
  }

  /** From now on all is well, and nothing has been asked. */
  heal(): void {
    this.#rules = [];
    this.asked.length = 0;
  }

  /** How often a request was made whose method and target match. */
  count(pattern: RegExp): number {
    return this.asked.filter((line) => pattern.test(line)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    this.asked.push(line);
    this.#runningCount += 1;
    response.once('close', () => (this.#runningCount -= 1));
    const rule = this.#rules.find(({ matches, left }) => left > 0 && matches(line));
    if (rule !== undefined) rule.left -= 1;
    try {
      await this.#serve(request, response, rule?.fault);
    } catch {
      // One of the two sides has left.
      response.destroy();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (fault?.kind === 'stall') {
      request.resume();
      return;
    }
    if (fault?.kind === 'reset-request') {
      request.once('data', () => request.socket.resetAndDestroy());
      return;
    }
    if (fault?.kind === 'refuse') {
      request.resume();
      response.writeHead(fault.status).end(`<Error><Code>${fault.code}</Code></Error>`);
      return;
    }
    const answer = await this.#forward(request);
    const chunks = await Array.fromAsync(answer, (chunk) => chunk as Buffer);
    await answerWith(response, answer, Buffer.concat(chunks), fault);
  }

  async #forward(request: IncomingMessage): Promise<IncomingMessage> {
    const { hostname, port } = this.#target;
    const sent = requestHttp({ hostname, port, method: request.method, path: request.url, headers: request.headers, agent: false });
    request.pipe(sent);
    const [answer] = await once(sent, 'response');
    return answer;
  }
}

async function answerWith(response: ServerResponse, { statusCode, headers }: IncomingMessage, body: Buffer, fault: Fault | undefined): Promise<void> {
  const half = body.subarray(0, body.byteLength / 2);
  if (fault?.kind === 'lose-answer') {
    response.socket?.resetAndDestroy();
    return;
  }
  const contentLength = fault?.kind === 'half-answer' && fault.fits ? { 'content-length': half.byteLength } : {};
  response.writeHead(statusCode ?? 500, { ...headers, ...contentLength });
  if (fault?.kind === 'reset-answer') response.write(half, () => response.socket?.resetAndDestroy());
  else if (fault?.kind === 'half-answer' && !fault.fits) response.write(half, () => response.socket?.end());
  else if (fault?.kind === 'half-answer') response.end(half);
  else if (fault?.kind === 'flip') response.end(body.map((byte, index) => (index === 10 ? byte ^ 1 : byte)));
  else if (fault?.kind === 'drip') await drip(response, body);
  else response.end(body);
}

async function drip(response: ServerResponse, body: Buffer): Promise<void> {
  const pieceBytes = Math.ceil(body.byteLength / 20);
  for (let at = 0; at < body.byteLength && !response.destroyed; at += pieceBytes) {
    response.write(body.subarray(at, at + pieceBytes));
    await sleep(20);
  }
  response.end();
}
