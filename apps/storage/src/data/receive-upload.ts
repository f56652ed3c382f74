import type { IncomingMessage, ServerResponse } from 'node:http';
import { readRequest } from '@medley/byte-lane/read-request';
import { tooLarge } from '@medley/streams/byte-stream';
import type { BlobStore } from '../ports/blob-store.ts';
import { respondJson } from './respond.ts';

export interface ReceiveOptions {
  readonly store: BlobStore;
  readonly maxBytes: number;
  readonly isCopy: boolean;
  /** How long the sender may say nothing while we wait for it, in milliseconds. */
  readonly stallMs: number;
  /** Aborts when the service ends; a sender that leaves cuts its own body. */
  readonly signal: AbortSignal;
}

/**
 * Stores the body of a PUT and answers digest and size. Nothing is stored of a body that is too large (TOO_LARGE), cut
 * (UPLOAD_INCOMPLETE) or stuck (REQUEST_TIMEOUT), nor where there is no memory for it (BUSY).
 */
export async function receiveUpload(request: IncomingMessage, response: ServerResponse, options: ReceiveOptions): Promise<void> {
  const { store, maxBytes, isCopy, stallMs, signal } = options;
  const { 'content-length': length, expect } = request.headers;
  const declaredBytes = length === undefined ? undefined : Number(length);
  if ((declaredBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (expect !== undefined) response.writeContinue();
  const { digest, sizeBytes } = await store.put(readRequest(request, stallMs), { maxBytes, declaredBytes, isCopy }, signal);
  respondJson(response, 200, { digest, size_bytes: sizeBytes });
}
