import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseActor, parseKeys, requireFew } from './fields.ts';

/** Deletes records for good, and tells those who watch here. */
export function deleteMedia({ store, changes }: ChangeSource): MetadataServiceImplementation['deleteMedia'] {
  return async ({ keys, by }, { signal }) => {
    requireFew('keys', keys.length);
    const deleted = await store.acts.delete({ uris: parseKeys(keys), by: parseActor(by) }, signal);
    changes.wake();
    return { deleted: deleted.map((uri) => ({ ...uri })) };
  };
}
