import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeFeed } from '../usecases/change-feed.ts';
import { toChange } from './changes.ts';
import { parseAtLeast } from './fields.ts';

/** Streams what happens to records that exist, until its caller leaves. */
export function watchChanges(changes: ChangeFeed): MetadataServiceImplementation['watchChanges'] {
  return async function* watch({ after }, { signal }) {
    const from = after === undefined ? undefined : parseAtLeast(0, 'after', after);
    try {
      for await (const { position, acts } of changes.watch(from, signal)) yield { position, changes: acts.map(toChange) };
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}
