import { parseStoreName } from '@medley/domain/store-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Removals } from '../ports/removals.ts';
import { parseAtLeast, parseLimit } from './fields.ts';

/** Hands out condemned blobs of one store that have waited long enough and that still no record names. */
export function claimRemovals(removals: Removals): MetadataServiceImplementation['claimRemovals'] {
  return async ({ store, waitMs, claimMs, limit, dryRun }, { signal }) => {
    const claim = {
      store: parseStoreName(store),
      waitMs: parseAtLeast(0, 'wait_ms', waitMs),
      claimMs: parseAtLeast(1, 'claim_ms', claimMs),
      limit: parseLimit(limit),
      isDryRun: dryRun,
    };
    const claimed = await removals.claim(claim, signal);
    return {
      removals: claimed.removals.map(({ digest, storedAt }) => ({ digest, storedAtMs: storedAt })),
      sparedCount: claimed.sparedCount,
    };
  };
}
