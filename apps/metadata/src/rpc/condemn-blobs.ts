import { parseDigest } from '@medley/domain/digest';
import { parseStoreName } from '@medley/domain/store-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Removals } from '../ports/removals.ts';
import { parseAtLeast, requireFew } from './fields.ts';

/** Condemns those of the named blobs that no record of their store names. */
export function condemnBlobs(removals: Removals): MetadataServiceImplementation['condemnBlobs'] {
  return async ({ store, blobs, dryRun }, { signal }) => {
    requireFew('blobs', blobs.length);
    const parsed = blobs.map(({ digest, storedAtMs }) => (
      { digest: parseDigest(digest), storedAt: parseAtLeast(1, 'stored_at_ms', storedAtMs) }
    ));
    return { condemned: [...(await removals.condemn({ store: parseStoreName(store), blobs: parsed, isDryRun: dryRun }, signal))] };
  };
}
