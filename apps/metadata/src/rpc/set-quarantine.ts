import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseAuthor, parseDigests, parseKeys, requireFew } from './fields.ts';

/** Hides media from everyone, or ends that, and tells those who watch here. */
export function setQuarantine({ store, changes }: ChangeSource): MetadataServiceImplementation['setQuarantine'] {
  return async ({ keys, digests, quarantined, ...author }, { signal }) => {
    requireFew('keys and digests', keys.length + digests.length);
    const order = { uris: parseKeys(keys), digests: parseDigests(digests), isQuarantined: quarantined, ...parseAuthor(author) };
    const affectedCount = await store.acts.setQuarantine(order, signal);
    changes.wake();
    return { affectedCount };
  };
}
