import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseKey } from './parse-request.ts';

export function deleteBlob(store: BlobStore): StorageServiceImplementation['deleteBlob'] {
  return async ({ key }, { signal }) => {
    await store.delete(parseKey(key), signal);
    return {};
  };
}
