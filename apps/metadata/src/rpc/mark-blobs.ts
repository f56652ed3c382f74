import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseActor, parseDigests, requireFew } from './fields.ts';

/** Says of bytes that they are lost, or there again, and tells those who watch here. */
export function markBlobs({ store, changes }: ChangeSource): MetadataServiceImplementation['markBlobs'] {
  return async ({ digests, lost, by }, { signal }) => {
    requireFew('digests', digests.length);
    await store.acts.markBlobs({ digests: parseDigests(digests), isLost: lost, by: parseActor(by) }, signal);
    changes.wake();
    return {};
  };
}
