import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseAtLeast, parseLimit } from './fields.ts';

/** Removes reserved media ids that lapsed long ago; and room reserved for uploads, as soon as it has lapsed. */
export function expirePending({ inventory, quotas }: Pick<MetadataStore, 'inventory' | 'quotas'>): MetadataServiceImplementation['expirePending'] {
  return async ({ lapsedBeforeMs, limit, dryRun }, { signal }) => {
    const expiry = { lapsedBefore: parseAtLeast(1, 'lapsed_before_ms', lapsedBeforeMs), limit: parseLimit(limit), isDryRun: dryRun };
    if (!dryRun) await quotas.expire(expiry.limit, signal);
    return { expiredCount: await inventory.expirePending(expiry, signal) };
  };
}
