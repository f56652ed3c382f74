import type { ServerResponse } from 'node:http';
import { sendFile, type FileRange } from '@medley/byte-lane/send-file';
import type { ByteStream } from '@medley/streams/byte-stream';
import { ReaderPace } from './reader-pace.ts';

/** Bytes at hand, bytes in a file, or bytes that come. */
export type Body = Buffer | FileRange | ByteStream;

/** What stands around a body. */
export interface Frame {
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * Writes a body, in its frame if it has one, under back-pressure and ends the response when it is whole. A body that fails cuts the connection,
 * so that nobody takes the part for the whole; so does a reader that is too slow, by `ReaderPace`. Rejects then.
 */
export async function sendBytes(response: ServerResponse, body: Body, stallMs: number, frame?: Frame): Promise<void> {
  using _pace = new ReaderPace(response, stallMs);
  try {
    if (frame !== undefined) response.write(frame.before);
    if (Buffer.isBuffer(body)) response.write(body);
    else if ('file' in body) await sendFile(response, body);
    else await sendStream(response, body);
    response.end(frame?.after);
    await closed(response);
  } catch (error) {
    response.destroy();
    throw error;
  }
}

async function sendStream(response: ServerResponse, body: ByteStream): Promise<void> {
  for await (const chunk of body) {
    if (response.destroyed) throw new Error('the reader left');
    if (!response.write(chunk)) await drained(response);
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
