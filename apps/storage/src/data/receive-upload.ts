import type { IncomingMessage, ServerResponse } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import { tooLarge } from '@medley/streams/byte-stream';
import type { BlobStore } from '../ports/blob-store.ts';
import { respondJson } from './respond.ts';

export interface ReceiveOptions {
  readonly store: BlobStore;
  readonly maxBytes: number;
  /** How long the sender may say nothing while we wait for it, in milliseconds. */
  readonly stallMs: number;
  /** Aborts when the service ends; a sender that leaves cuts its own body. */
  readonly signal: AbortSignal;
}

/**
 * Stores the body of a PUT and answers digest and size. Nothing is stored of a body that is too large (TOO_LARGE), cut
 * (UPLOAD_INCOMPLETE) or stuck (REQUEST_TIMEOUT).
 */
export async function receiveUpload(request: IncomingMessage, response: ServerResponse, options: ReceiveOptions): Promise<void> {
  const { store, maxBytes, stallMs, signal } = options;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  const { digest, sizeBytes } = await store.put(readBody(request, stallMs), { maxBytes }, signal);
  respondJson(response, 200, { digest, size_bytes: sizeBytes });
}

/** Yields a request's body, and fails unless it came to its end. Leaves the connection open, so that an error can be answered. */
export async function* readBody(request: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await orStall(chunks.next(), stallMs);
    if (next.done === true) break;
    yield next.value;
  }
  if (!request.complete) throw uploadIncomplete();
}

/** Runs only while we wait for the sender, never while the sender waits for us. */
async function orStall<Value>(next: Promise<Value>, stallMs: number): Promise<Value> {
  const { promise: stalled, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new MediaError('REQUEST_TIMEOUT', `Nothing was sent for ${stallMs} ms`)), stallMs);
  try {
    return await Promise.race([next, stalled]);
  } catch (error) {
    throw error instanceof MediaError ? error : uploadIncomplete(error);
  } finally {
    clearTimeout(timer);
  }
}

function uploadIncomplete(cause?: unknown): MediaError {
  return new MediaError('UPLOAD_INCOMPLETE', 'The upload ended before its end', { cause });
}
