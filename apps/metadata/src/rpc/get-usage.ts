import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Inventory } from '../ports/inventory.ts';

/** Counts records. */
export function getUsage(inventory: Inventory): MetadataServiceImplementation['getUsage'] {
  return async (_request, { signal }) => ({ ...(await inventory.usage(signal)) });
}
