import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaError, MediaErrorReason } from '@medley/domain/media-error';

/** What a reader of the status alone should think; the reason in the body says it exactly. */
const REASON_TO_STATUS: Partial<Readonly<Record<MediaErrorReason, number>>> = {
  BLOB_CORRUPT: 502,
  BUSY: 503,
  FORBIDDEN: 403,
  INVALID_PARAM: 400,
  NOT_FOUND: 404,
  RANGE_NOT_SATISFIABLE: 416,
  REQUEST_TIMEOUT: 408,
  SERVICE_UNAVAILABLE: 503,
  STORAGE_FULL: 507,
  TOO_LARGE: 413,
  UPLOAD_INCOMPLETE: 400,
};
/** Who has no right to send, or does not send, is not listened to any longer. */
const CLOSING: ReadonlySet<MediaErrorReason> = new Set(['FORBIDDEN', 'REQUEST_TIMEOUT']);
/** How long any other sender may go on after it was refused. Closing at once would reset the connection before it reads why. */
const LINGER_MS = 2000;

export function respondJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers a failure, or cuts the connection where the answer has begun: a body that stops short must not look whole. */
export function respondError(request: IncomingMessage, response: ServerResponse, error: MediaError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (CLOSING.has(error.reason)) response.setHeader('connection', 'close');
  if (error.retryAfterMs !== undefined) response.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1000));
  respondJson(response, REASON_TO_STATUS[error.reason] ?? 500, { reason: error.reason, message: error.message });
  if (!CLOSING.has(error.reason) && !request.complete) discardRest(request);
}

function discardRest(request: IncomingMessage): void {
  const cut = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(cut)).once('error', () => {}).resume();
}
