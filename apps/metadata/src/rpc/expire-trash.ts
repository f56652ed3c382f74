import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseLimit } from './fields.ts';

const ACTOR = 'expire';

/** Deletes for good what has been in the trash for as long as it may, and tells those who watch here. */
export function expireTrash({ store, changes }: ChangeSource): MetadataServiceImplementation['expireTrash'] {
  return async ({ limit, dryRun }, { signal }) => {
    const purgedCount = await store.trash.expire({ limit: parseLimit(limit), isDryRun: dryRun, by: ACTOR }, signal);
    if (!dryRun) changes.wake();
    return { purgedCount };
  };
}
