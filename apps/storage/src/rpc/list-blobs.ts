import { parseBlobKey } from '@medley/domain/blob-key';
import { parseStoreName } from '@medley/domain/store-name';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';

export function listBlobs(stores: Stores): StorageServiceImplementation['listBlobs'] {
  return async function* ({ after, store: named }, { signal }) {
    const store = parseStoreName(named);
    const blobs = stores.of(store).list(after === undefined ? undefined : parseBlobKey(after), signal);
    for await (const { key, ...facts } of blobs) yield { key: { ...key, store }, ...facts };
  };
}
