import { parseStoreName } from '@medley/domain/store-name';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { DataLinks } from '../data/links.ts';
import type { Stores } from '../stores.ts';
import { parseCount } from './parse-request.ts';

export function locateUpload(stores: Stores, links: DataLinks): StorageServiceImplementation['locateUpload'] {
  return async ({ maxBytes, isCopy, store: named }) => {
    const store = parseStoreName(named);
    stores.of(store); // refuses before a body comes
    return { http: links.toUpload(parseCount('max_bytes', maxBytes), store, isCopy) };
  };
}
