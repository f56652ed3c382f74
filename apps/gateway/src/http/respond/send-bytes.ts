import type { ServerResponse } from 'node:http';
import { sendFile, type FileRange } from '@medley/byte-lane/send-file';
import type { ByteStream } from '@medley/streams/byte-stream';

/** Bytes at hand, bytes in a file, or bytes that come. */
export type Body = Buffer | FileRange | ByteStream;

/**
 * Writes a body under back-pressure and ends the response when it is whole. A body that fails cuts the connection,
 * so that nobody takes the part for the whole; so does a reader that takes nothing for `stallMs`. Rejects then.
 */
export async function sendBytes(response: ServerResponse, body: Body, stallMs: number): Promise<void> {
  const stalled = setTimeout(() => response.destroy(new Error(`the reader took nothing for ${stallMs} ms`)), stallMs);
  try {
    if (Buffer.isBuffer(body)) response.write(body);
    else if ('file' in body) await sendFile(response, body, () => stalled.refresh());
    else await sendStream(response, body, () => stalled.refresh());
    response.end();
    await closed(response);
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    clearTimeout(stalled);
  }
}

async function sendStream(response: ServerResponse, body: ByteStream, onProgress: () => void): Promise<void> {
  for await (const chunk of body) {
    if (response.destroyed) throw new Error('the reader left');
    if (!response.write(chunk)) await drained(response);
    onProgress();
  }
}

/** `drain` never comes once the reader has left, so `close` ends the wait as well. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onDrain = (): void => {
    response.off('close', onClose);
    resolve();
  };
  const onClose = (): void => {
    response.off('drain', onDrain);
    reject(new Error('the reader left'));
  };
  response.once('drain', onDrain).once('close', onClose);
  return promise;
}

async function closed(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await new Promise<void>((resolve) => void response.once('close', resolve));
}
