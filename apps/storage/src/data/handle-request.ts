import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseBlobAddress, type BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import type { Logger } from '@medley/telemetry/logger';
import type { Stores } from '../stores.ts';
import { BLOBS_PATH } from './links.ts';
import { receiveUpload } from './receive-upload.ts';
import { respondError } from './respond.ts';
import { sendBlob } from './send-blob.ts';
import type { UrlSigner } from './url-signer.ts';

export interface HandlerOptions {
  readonly stores: Pick<Stores, 'of'>;
  readonly signer: UrlSigner;
  /** Senders and readers that stand still for this long are cut, in milliseconds. */
  readonly uploadStallMs: number;
  readonly downloadStallMs: number;
  readonly log: Logger;
  /** Aborts when the service ends. */
  readonly signal: AbortSignal;
}

/** Answers one request of the data port, whatever happens; never rejects. */
export async function handleRequest(request: IncomingMessage, response: ServerResponse, options: HandlerOptions): Promise<void> {
  try {
    await route(request, response, options);
  } catch (error) {
    respondError(request, response, toMediaError(error, request, options));
  }
}

/** The signature covers method, path and parameters, so whatever it lets through is one of the two things that we signed. */
async function route(request: IncomingMessage, response: ServerResponse, options: HandlerOptions): Promise<void> {
  const { stores, signer, signal } = options;
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const url = signer.verify(method, request.url ?? '', Date.now());
  if (method === 'GET') {
    const key = toAddress(url);
    await sendBlob(request, response, { store: stores.of(key.store), key, stallMs: options.downloadStallMs, signal });
    return;
  }
  const store = stores.of(parseStoreName(storeIn(url)));
  const maxBytes = Number(url.searchParams.get('max_bytes'));
  const isCopy = url.searchParams.has('copy');
  await receiveUpload(request, response, { store, maxBytes, isCopy, stallMs: options.uploadStallMs, signal });
}

function toAddress(url: URL): BlobAddress {
  const [digest = '', derivation = ''] = url.pathname.slice(BLOBS_PATH.length).split('/');
  return parseBlobAddress({ digest, derivation, store: storeIn(url) });
}

function storeIn({ searchParams }: URL): string {
  return searchParams.get('store') ?? COMMON_STORE;
}

function toMediaError(error: unknown, request: IncomingMessage, { log, signal }: HandlerOptions): MediaError {
  const isExpected = error instanceof MediaError && error.reason !== 'BLOB_CORRUPT';
  const isCut = request.destroyed || signal.aborted;
  // Without the query: it holds the signature.
  if (!isExpected && !isCut) log.error({ err: error, path: request.url?.split('?', 1).at(0) }, 'a data request failed unexpectedly');
  return error instanceof MediaError ? error : new MediaError('INTERNAL', 'Internal error', { cause: error });
}
