import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobKey } from '@medley/domain/blob-key';
import { resolveRange } from '@medley/domain/byte-range';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { BlobStore } from '../ports/blob-store.ts';
import { rangeNotSatisfiable } from '../range-within.ts';

export interface SendOptions {
  readonly store: BlobStore;
  readonly key: BlobKey;
  /** How long the reader may take nothing, in milliseconds. */
  readonly stallMs: number;
  /** Aborts when the service ends. */
  readonly signal: AbortSignal;
}

/** Answers GET or HEAD with a blob, or with the one range of it that is asked for. Stops reading when the reader leaves or stalls. */
export async function sendBlob(request: IncomingMessage, response: ServerResponse, options: SendOptions): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort()).setTimeout(options.stallMs, () => response.destroy());
  const signal = AbortSignal.any([left.signal, options.signal]);
  const sizeBytes = await options.store.stat(options.key, signal);
  const answer = resolveRange(request.headers.range, sizeBytes);
  if (answer.kind === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${sizeBytes}`);
    throw rangeNotSatisfiable();
  }
  const range = answer.kind === 'part' ? answer.range : { offset: 0, length: sizeBytes };
  response.statusCode = answer.kind === 'part' ? 206 : 200;
  if (answer.kind === 'part') response.setHeader('content-range', `bytes ${range.offset}-${range.offset + range.length - 1}/${sizeBytes}`);
  response.setHeader('content-length', range.length).setHeader('content-type', 'application/octet-stream').setHeader('accept-ranges', 'bytes');
  if (request.method === 'HEAD') response.end();
  else await writeBody(options.store.open(options.key, range, signal), response, signal);
}

/** Reads no faster than the reader takes. */
async function writeBody(source: ByteStream, response: ServerResponse, signal: AbortSignal): Promise<void> {
  for await (const chunk of source) {
    if (!response.write(chunk)) await once(response, 'drain', { signal });
  }
  response.end();
}
