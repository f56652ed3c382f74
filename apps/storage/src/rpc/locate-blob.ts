import type { BlobAddress } from '@medley/domain/blob-key';
import type { LocateBlobResponse, StorageServiceImplementation } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { SMALL_BLOB_BYTES } from '../blob-verifier.ts';
import { LINK_TTL_MS, type DataLinks } from '../data/links.ts';
import type { Stores } from '../stores.ts';
import { parseCount, parseKey } from './parse-request.ts';

export interface LocateOptions {
  readonly stores: Stores;
  readonly links: DataLinks;
  /** Whether others mount the folders of all stores at the same paths. */
  readonly sharesFolder: boolean;
}

export function locateBlob(options: LocateOptions): StorageServiceImplementation['locateBlob'] {
  const { stores, sharesFolder } = options;
  return async (request, { signal }) => {
    const key = parseKey(request.key);
    const store = stores.of(key.store);
    const sizeBytes = await store.stat(key, signal);
    if (sizeBytes <= Math.min(parseCount('inline_max_bytes', request.inlineMaxBytes), SMALL_BLOB_BYTES)) {
      return { sizeBytes, location: { $case: 'inline', value: await collectBytes(store.open(key, undefined, signal), sizeBytes) } };
    }
    return { sizeBytes, location: await locate(key, options, sharesFolder && request.acceptPath) };
  };
}

/** Past us where the caller can go there; else through the data port. */
async function locate(key: BlobAddress, { stores, links }: LocateOptions, mayUsePath: boolean): Promise<LocateBlobResponse['location']> {
  const found = await stores.of(key.store).locate(key, LINK_TTL_MS);
  if (found.kind === 'http') return { $case: 'http', value: { url: found.url, expiresAtMs: found.expiresAtMs } };
  return mayUsePath ? { $case: 'path', value: found.path } : { $case: 'http', value: links.toBlob(key) };
}
