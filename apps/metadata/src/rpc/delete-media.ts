import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseAtLeast, parseAuthor, parseKeys, requireFew } from './fields.ts';

/** Deletes records, for good or into the trash, and tells those who watch here. */
export function deleteMedia({ store, changes }: ChangeSource): MetadataServiceImplementation['deleteMedia'] {
  return async ({ keys, trashMs = 0, ...author }, { signal }) => {
    requireFew('keys', keys.length);
    const order = { uris: parseKeys(keys), trashMs: parseAtLeast(0, 'trash_ms', trashMs), ...parseAuthor(author) };
    const deleted = await store.acts.delete(order, signal);
    changes.wake();
    return { deleted: deleted.map((uri) => ({ ...uri })) };
  };
}
