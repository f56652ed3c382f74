import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { toMatrixError } from '../errors/matrix-error.ts';
import { CORS_HEADERS, MEDIA_SECURITY_HEADERS } from '../respond/security-headers.ts';
import { endSoon } from './end-soon.ts';

/** An answer that needs nothing of the request but its being there. */
export interface Refusal {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** A body up to this size is cheaper to read and throw away than a connection is to make anew. */
const CHEAP_BODY_BYTES = 64 * 1024;

/** What `error` is in Matrix's form, made once. */
export function toRefusal(error: unknown): Refusal {
  const { status, headers, body } = toMatrixError(error);
  return makeRefusal(status, body, headers);
}

/** The same of a status that only HTTP knows. */
export function makeRefusal(status: number, said: object = { errcode: 'M_UNKNOWN', error: STATUS_CODES[status] }, more: Readonly<Record<string, string>> = {}): Refusal {
  const body = Buffer.from(JSON.stringify(said));
  const headers = {
    ...CORS_HEADERS, ...MEDIA_SECURITY_HEADERS, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(body.byteLength),
    'Cache-Control': 'no-store', Vary: 'Accept', ...more,
  };
  return { status, headers: Object.entries(headers).flat(), body };
}

/** Answers at once and reads nothing of the request's body: where one is under way the connection ends with the answer. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (hasLongBody(request)) return refuseAsLast(response, refusal);
  response.writeHead(refusal.status, [...refusal.headers, 'X-Request-Id', randomUUID()]);
  response.end(refusal.body);
}

/** Answers at once, and ends the connection with that, whatever else is being sent over it. */
export function refuseAsLast(response: ServerResponse, { status, headers, body }: Refusal): void {
  response.writeHead(status, [...headers, 'X-Request-Id', randomUUID(), 'Connection', 'close']);
  const { socket } = response;
  if (socket === null) {
    response.end(body); // others on the connection are answered first
    return;
  }
  response.write(body);
  response.flushHeaders(); // to HEAD the body is not written
  endSoon(socket);
}

function hasLongBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers.expect !== undefined || Number(headers['content-length'] ?? 0) > CHEAP_BODY_BYTES;
}
