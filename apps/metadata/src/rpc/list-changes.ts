import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ActLog } from '../ports/act-log.ts';
import { parseChangeKind, toChange } from './changes.ts';
import { parseAtLeast, parseKey, parseLimit } from './fields.ts';

/** Reads the log, or parts of it. */
export function listChanges(log: ActLog): MetadataServiceImplementation['listChanges'] {
  return async ({ after, limit, kinds, mediaOnly, key, descending }, { signal }) => {
    const query = {
      after: after === undefined ? undefined : parseAtLeast(0, 'after', after),
      limit: parseLimit(limit),
      kinds: kinds.map(parseChangeKind),
      isMediaOnly: mediaOnly,
      uri: key && parseKey(key),
      isDescending: descending,
    };
    const { acts, position } = await log.list(query, signal);
    return { changes: acts.map(toChange), position };
  };
}
