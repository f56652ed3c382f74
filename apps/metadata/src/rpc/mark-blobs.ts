import { parseStoreName } from '@medley/domain/store-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseActor, parseDigests, requireFew } from './fields.ts';

/** Says of bytes that they are lost, or there again, and tells those who watch here. */
export function markBlobs({ store, changes }: ChangeSource): MetadataServiceImplementation['markBlobs'] {
  return async ({ store: place, digests, lost, by }, { signal }) => {
    requireFew('digests', digests.length);
    await store.acts.markBlobs({ store: parseStoreName(place), digests: parseDigests(digests), isLost: lost, by: parseActor(by) }, signal);
    changes.wake();
    return {};
  };
}
