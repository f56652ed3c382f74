import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { parseAtLeast, parseLimit } from './fields.ts';

const ACTOR = 'expire';

/** Removes URL previews and images of such whose time is over, and tells of the images as of every deletion. */
export function expireUrlPreviews({ store, changes }: ChangeSource): MetadataServiceImplementation['expireUrlPreviews'] {
  return async ({ expiredBeforeMs, limit, dryRun }, { signal }) => {
    const expiry = { expiredBefore: parseAtLeast(1, 'expired_before_ms', expiredBeforeMs), limit: parseLimit(limit), isDryRun: dryRun };
    const previewCount = await store.previews.expire(expiry, signal);
    const uris = await store.previews.findExpiredImages(expiry, signal);
    if (dryRun || uris.length === 0) return { previewCount, imageCount: uris.length };
    const deleted = await store.acts.delete({ uris, by: ACTOR }, signal);
    changes.wake();
    return { previewCount, imageCount: deleted.length };
  };
}
