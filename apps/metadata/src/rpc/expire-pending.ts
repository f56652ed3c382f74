import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Inventory } from '../ports/inventory.ts';
import { parseAtLeast, parseLimit } from './fields.ts';

/** Removes reserved media ids that lapsed long ago. */
export function expirePending(inventory: Inventory): MetadataServiceImplementation['expirePending'] {
  return async ({ lapsedBeforeMs, limit, dryRun }, { signal }) => {
    const lapsedBefore = parseAtLeast(1, 'lapsed_before_ms', lapsedBeforeMs);
    return { expiredCount: await inventory.expirePending({ lapsedBefore, limit: parseLimit(limit), isDryRun: dryRun }, signal) };
  };
}
