import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { checkEveryAnswer } from './every-answer.ts';

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface CallOptions {
  /** Default: GET. */
  readonly method?: string;
  readonly query?: Query;
  readonly token?: string | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** Text and bytes are sent with a Content-Length, anything else in chunks. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
  /** Whether a redirect (307) is an answer like others; it is not followed. */
  readonly mayRedirect?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** How long the answer took to begin, in milliseconds. */
  readonly tookMs: number;
}

/** Where calls go. */
export interface Place {
  readonly port: number;
  readonly agent: Agent;
}

/**
 * Makes one HTTP request, with exactly this path, and reads the whole answer. Whatever the test is about, every
 * answer is checked for what every answer must have (see `checkEveryAnswer`).
 */
export async function call({ port, agent }: Place, path: string, options: CallOptions = {}): Promise<Answer> {
  const startedAt = performance.now();
  const response = await send({ port, agent }, path, options);
  const tookMs = performance.now() - startedAt;
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response), tookMs };
  checkEveryAnswer(options.method ?? 'GET', path, answer, options.mayRedirect);
  return answer;
}

/** Makes one HTTP request and hands out the answer as soon as it begins; its body must be read or destroyed. */
export function send({ port, agent }: Place, path: string, options: CallOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method = 'GET', query, token, body, signal } = options;
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...options.headers };
  const outgoing = request({ host: '127.0.0.1', port, agent, method, path: path + toQuery(query), headers, ...(signal && { signal }) });
  // After the answer began, an upload that the server did not want to read to its end may fail: that is no failure of the call.
  outgoing.on('response', resolve).on('error', reject);
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
  else pipeline(body, outgoing).catch(reject);
  return promise;
}

function toQuery(query: Query | undefined): string {
  if (query === undefined) return '';
  return `?${Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
