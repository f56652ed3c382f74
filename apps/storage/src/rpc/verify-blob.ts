import { parseDigest } from '@medley/domain/digest';
import { parseStoreName } from '@medley/domain/store-name';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';

export function verifyBlob(stores: Stores): StorageServiceImplementation['verifyBlob'] {
  return async ({ digest, store }, { signal }) => ({ blob: await stores.of(parseStoreName(store)).verify(parseDigest(digest), signal) });
}
