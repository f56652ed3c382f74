import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a sender may still send after it was refused, so that it reads the answer before the connection goes. */
const LINGER_MS = 5000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * For an answer that comes before the request's body has ended: announces that the connection closes, throws the
 * rest of the body away for a bounded while, then closes. Nothing of it is ever read as a second request.
 */
export function lingerThenClose(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.setHeader('Connection', 'close');
  let leftBytes = LINGER_BYTES;
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.on('data', (chunk: Uint8Array) => {
    leftBytes -= chunk.byteLength;
    if (leftBytes < 0) request.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  request.on('error', () => {}); // the sender may leave at any time; it has had its answer
  request.resume();
}
