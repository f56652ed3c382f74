import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseAuthor, parseKeys, requireFew } from './fields.ts';

/** Protects media, or ends that, and tells those who watch here. */
export function setProtection({ store, changes }: ChangeSource): MetadataServiceImplementation['setProtection'] {
  return async ({ keys, protected: isProtected, ...author }, { signal }) => {
    requireFew('keys', keys.length);
    const found = await store.acts.setProtection({ uris: parseKeys(keys), isProtected, ...parseAuthor(author) }, signal);
    changes.wake();
    return { found: found.map((uri) => ({ ...uri })) };
  };
}
