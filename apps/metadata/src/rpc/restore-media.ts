import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseAuthor, parseKeys, requireFew } from './fields.ts';

/** Brings deleted media back from the trash, and tells those who watch here. */
export function restoreMedia({ store, changes }: ChangeSource): MetadataServiceImplementation['restoreMedia'] {
  return async ({ keys, ...author }, { signal }) => {
    requireFew('keys', keys.length);
    const restored = await store.trash.restore({ uris: parseKeys(keys), ...parseAuthor(author) }, signal);
    changes.wake();
    return { restored: restored.map((uri) => ({ ...uri })) };
  };
}
