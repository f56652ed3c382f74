import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Catalog } from '../ports/catalog.ts';
import { parseAtLeast, parseKey, requireFew } from './fields.ts';

/** Notes when media was asked for. */
export function markAccessed(catalog: Catalog): MetadataServiceImplementation['markAccessed'] {
  return async ({ accesses }, { signal }) => {
    requireFew('accesses', accesses.length);
    await catalog.markAccessed(accesses.map(({ key, atMs }) => ({ uri: parseKey(key), at: parseAtLeast(0, 'at_ms', atMs) })), signal);
    return {};
  };
}
