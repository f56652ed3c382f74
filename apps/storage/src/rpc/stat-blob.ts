import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';
import { parseKey } from './parse-request.ts';

export function statBlob(stores: Stores): StorageServiceImplementation['statBlob'] {
  return async ({ key: named }, { signal }) => {
    const key = parseKey(named);
    return { sizeBytes: await stores.of(key.store).stat(key, signal) };
  };
}
