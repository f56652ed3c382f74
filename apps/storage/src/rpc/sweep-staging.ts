import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { SweptStaging } from '../ports/blob-store.ts';
import type { Stores } from '../stores.ts';

export function sweepStaging(stores: Stores): StorageServiceImplementation['sweepStaging'] {
  return async ({ begunBeforeMs, dryRun }, { signal }) => {
    // All, before any failure is told: one that is away must not keep the others from being swept.
    const swept = await Promise.allSettled(stores.all.map((store) => store.sweepStaging(begunBeforeMs, dryRun, signal)));
    return swept.map(orThrow).reduce((sum, one) => ({ removedCount: sum.removedCount + one.removedCount, freedBytes: sum.freedBytes + one.freedBytes }));
  };
}

function orThrow(swept: PromiseSettledResult<SweptStaging>): SweptStaging {
  if (swept.status === 'rejected') throw swept.reason;
  return swept.value;
}
