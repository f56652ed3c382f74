import { parseStoreName } from '@medley/domain/store-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Removals } from '../ports/removals.ts';
import { parseDigests, requireFew } from './fields.ts';

/** Ends removals: the bytes of these blobs are gone. */
export function finishRemovals(removals: Removals): MetadataServiceImplementation['finishRemovals'] {
  return async ({ store, digests }, { signal }) => {
    requireFew('digests', digests.length);
    await removals.finish({ store: parseStoreName(store), digests: parseDigests(digests) }, signal);
    return {};
  };
}
