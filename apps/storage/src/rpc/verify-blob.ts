import { parseDigest } from '@medley/domain/digest';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';

export function verifyBlob(store: BlobStore): StorageServiceImplementation['verifyBlob'] {
  return async ({ digest }, { signal }) => ({ blob: await store.verify(parseDigest(digest), signal) });
}
