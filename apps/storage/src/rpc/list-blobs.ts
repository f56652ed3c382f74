import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseKey } from './parse-request.ts';

export function listBlobs(store: BlobStore): StorageServiceImplementation['listBlobs'] {
  return async function* ({ after }, { signal }) {
    yield* store.list(after === undefined ? undefined : parseKey(after), signal);
  };
}
