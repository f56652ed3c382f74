import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MediaSource } from '../usecases/resolve-media.ts';
import { abandonUpload } from './abandon-upload.ts';
import { batchGetMedia } from './batch-get-media.ts';
import type { ChangeSource } from './change-source.ts';
import { claimRemovals } from './claim-removals.ts';
import { claimUpload } from './claim-upload.ts';
import { commitUpload } from './commit-upload.ts';
import { condemnBlobs } from './condemn-blobs.ts';
import { deleteMedia } from './delete-media.ts';
import { expirePending } from './expire-pending.ts';
import { expireUrlPreviews } from './expire-url-previews.ts';
import { finishRemovals } from './finish-removals.ts';
import { getUsage } from './get-usage.ts';
import { getUrlPreview } from './get-url-preview.ts';
import { listReferences } from './list-references.ts';
import { markBlobs } from './mark-blobs.ts';
import { putUrlPreview } from './put-url-preview.ts';
import { recordUpload } from './record-upload.ts';
import { reserveMedia } from './reserve-media.ts';
import { resolveMedia } from './resolve-media.ts';
import { setQuarantine } from './set-quarantine.ts';
import { watchChanges } from './watch-changes.ts';

/** Every method of `medley.metadata.v1`. */
export function createMetadataService(source: MediaSource & ChangeSource): MetadataServiceImplementation {
  const { store, changes } = source;
  return {
    reserveMedia: reserveMedia(store),
    claimUpload: claimUpload(store),
    commitUpload: commitUpload(source),
    abandonUpload: abandonUpload(store),
    recordUpload: recordUpload(store),
    resolveMedia: resolveMedia(source),
    batchGetMedia: batchGetMedia(store),
    setQuarantine: setQuarantine(source),
    deleteMedia: deleteMedia(source),
    markBlobs: markBlobs(source),
    watchChanges: watchChanges(changes),
    listReferences: listReferences(store.inventory),
    getUsage: getUsage(store.inventory),
    expirePending: expirePending(store.inventory),
    putUrlPreview: putUrlPreview(store.previews),
    getUrlPreview: getUrlPreview(store.previews),
    expireUrlPreviews: expireUrlPreviews(source),
    condemnBlobs: condemnBlobs(store.removals),
    claimRemovals: claimRemovals(store.removals),
    finishRemovals: finishRemovals(store.removals),
  };
}
