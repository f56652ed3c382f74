import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path answers: a page, bytes with a type, or a script of its own. */
export type Answer = string | Page | ((request: IncomingMessage, response: ServerResponse) => void);

export interface Page {
  readonly type: string | undefined;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** Where tests play the Internet: an address of this machine that nothing else is at. */
export const WEB_HOST = '127.77.0.1';
export const WEB_NETWORK = '127.77.0.0/16';

/** A scripted web server on a real socket. Text in an answer may say `{origin}` for where it is. */
export interface Web extends AsyncDisposable {
  readonly origin: string;
  /** What was asked, `GET /path`, in order. */
  readonly requests: readonly IncomingMessage[];
  readonly answers: Map<string, Answer>;
}

/** Starts one; a path that has no answer is 404. */
export async function startWeb(answers: Readonly<Record<string, Answer>> = {}): Promise<Web> {
  const all = new Map(Object.entries(answers));
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = all.get(request.url ?? '') ?? all.get((request.url ?? '').split('?')[0] ?? '');
    if (typeof answer === 'function') answer(request, response);
    else send(response, answer, origin);
  });
  server.listen(0, WEB_HOST);
  await once(server, 'listening');
  const origin = `http://${WEB_HOST}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    requests,
    answers: all,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, answer: string | Page | undefined, origin: string): void {
  if (answer === undefined) return void response.writeHead(404, { 'content-type': 'text/html' }).end('<title>Not found</title>');
  const { type, body, headers = {}, status = 200 }: Page = typeof answer === 'string' ? { type: 'text/html; charset=utf-8', body: answer } : answer;
  response.writeHead(status, { ...(type !== undefined && { 'content-type': type }), ...headers });
  response.end(typeof body === 'string' ? body.replaceAll('{origin}', origin) : body);
}
