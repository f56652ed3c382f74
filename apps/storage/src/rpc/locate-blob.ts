import type { BlobKey } from '@medley/domain/blob-key';
import type { LocateBlobResponse, StorageServiceImplementation } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { SMALL_BLOB_BYTES } from '../blob-verifier.ts';
import { LINK_TTL_MS, type DataLinks } from '../data/links.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseCount, parseKey } from './parse-request.ts';

export interface LocateOptions {
  readonly store: BlobStore;
  readonly links: DataLinks;
  /** Whether others mount the blob folder at the same path. */
  readonly sharesFolder: boolean;
}

export function locateBlob(options: LocateOptions): StorageServiceImplementation['locateBlob'] {
  const { store, sharesFolder } = options;
  return async (request, { signal }) => {
    const key = parseKey(request.key);
    const sizeBytes = await store.stat(key, signal);
    if (sizeBytes <= Math.min(parseCount('inline_max_bytes', request.inlineMaxBytes), SMALL_BLOB_BYTES)) {
      return { sizeBytes, location: { $case: 'inline', value: await collectBytes(store.open(key, undefined, signal), sizeBytes) } };
    }
    return { sizeBytes, location: await locate(key, options, sharesFolder && request.acceptPath) };
  };
}

/** Past us where the caller can go there; else through the data port. */
async function locate(key: BlobKey, { store, links }: LocateOptions, mayUsePath: boolean): Promise<LocateBlobResponse['location']> {
  const found = await store.locate(key, LINK_TTL_MS);
  if (found.kind === 'http') return { $case: 'http', value: { url: found.url, expiresAtMs: found.expiresAtMs } };
  return mayUsePath ? { $case: 'path', value: found.path } : { $case: 'http', value: links.toBlob(key) };
}
