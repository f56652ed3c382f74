import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseKey } from './parse-request.ts';

export function statBlob(store: BlobStore): StorageServiceImplementation['statBlob'] {
  return async ({ key }, { signal }) => ({ sizeBytes: await store.stat(parseKey(key), signal) });
}
