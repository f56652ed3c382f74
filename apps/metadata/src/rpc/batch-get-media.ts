import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { isLapsed } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { invalid, parseKey } from './fields.ts';
import { toMessage } from './to-message.ts';

const MAX_KEYS = 1000;

/** Looks up many records at once. */
export function batchGetMedia(store: MetadataStore): MetadataServiceImplementation['batchGetMedia'] {
  return async ({ keys }, { signal }) => {
    if (keys.length > MAX_KEYS) throw invalid(`at most ${MAX_KEYS} keys at once`);
    const records = await store.find(keys.map(parseKey), signal);
    const now = Date.now();
    return {
      results: records.map((record) => (record === undefined || isLapsed(record, now) ? {} : { record: toMessage(record) })),
    };
  };
}
