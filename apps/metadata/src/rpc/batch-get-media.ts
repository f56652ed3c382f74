import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { isLapsed } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseKey, requireFew } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Looks up many records at once. */
export function batchGetMedia(store: MetadataStore): MetadataServiceImplementation['batchGetMedia'] {
  return async ({ keys }, { signal }) => {
    requireFew('keys', keys.length);
    const records = await store.find(keys.map(parseKey), signal);
    const now = Date.now();
    return {
      results: records.map((record) => (record === undefined || isLapsed(record, now) ? {} : { record: toMessage(record) })),
    };
  };
}
