import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ByteStream } from '@medley/streams/byte-stream';

/**
 * Writes a body under back-pressure and ends the response when it is whole. A body that fails cuts the connection,
 * so that nobody takes the part for the whole; so does a reader that takes nothing for `stallMs`. Rejects then.
 */
export async function sendBytes(response: ServerResponse, body: ByteStream, stallMs: number): Promise<void> {
  const stalled = setTimeout(() => response.destroy(new Error(`the reader took nothing for ${stallMs} ms`)), stallMs);
  try {
    for await (const chunk of body) {
      if (response.destroyed) throw new Error('the reader left');
      if (!response.write(chunk)) await drained(response);
      stalled.refresh();
    }
    response.end();
    await finished(response);
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    clearTimeout(stalled);
  }
}

/** `drain` never comes once the reader has left, so `close` ends the wait as well. */
async function drained(response: ServerResponse): Promise<void> {
  const waiting = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: waiting.signal }),
      once(response, 'close', { signal: waiting.signal }).then(() => Promise.reject(new Error('the reader left'))),
    ]);
  } finally {
    waiting.abort();
  }
}

async function finished(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await once(response, 'close');
}
