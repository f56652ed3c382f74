import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MediaSource } from '../usecases/resolve-media.ts';
import { abandonUpload } from './abandon-upload.ts';
import { batchGetMedia } from './batch-get-media.ts';
import { cancelJob } from './cancel-job.ts';
import type { ChangeSource } from './change-source.ts';
import { claimRemovals } from './claim-removals.ts';
import { claimUpload } from './claim-upload.ts';
import { commitUpload } from './commit-upload.ts';
import { condemnBlobs } from './condemn-blobs.ts';
import { createJob } from './create-job.ts';
import { deleteMedia } from './delete-media.ts';
import { expirePending } from './expire-pending.ts';
import { expireTrash } from './expire-trash.ts';
import { expireUrlPreviews } from './expire-url-previews.ts';
import { finishRemovals } from './finish-removals.ts';
import { getJob } from './get-job.ts';
import { getPosition } from './get-position.ts';
import { getQuotaUse } from './get-quota-use.ts';
import { getUsage } from './get-usage.ts';
import { getVerdict } from './get-verdict.ts';
import { getUrlPreview } from './get-url-preview.ts';
import { listBans } from './list-bans.ts';
import { listChanges } from './list-changes.ts';
import { listJobs } from './list-jobs.ts';
import { listMedia } from './list-media.ts';
import { indexEvents } from './index-events.ts';
import { listMediaUses } from './list-media-uses.ts';
import { listReferences } from './list-references.ts';
import { listRoomMedia } from './list-room-media.ts';
import { listTrash } from './list-trash.ts';
import { listUserStatistics } from './list-user-statistics.ts';
import { listVerdicts } from './list-verdicts.ts';
import { markAccessed } from './mark-accessed.ts';
import { markBlobs } from './mark-blobs.ts';
import { putUrlPreview } from './put-url-preview.ts';
import { putVerdict } from './put-verdict.ts';
import { recordRemoteMedia, type OwnNames } from './record-remote-media.ts';
import { recordUpload } from './record-upload.ts';
import { releaseLease } from './release-lease.ts';
import { releaseQuota } from './release-quota.ts';
import { reserveMedia } from './reserve-media.ts';
import { reserveQuota } from './reserve-quota.ts';
import { resolveMedia } from './resolve-media.ts';
import { restoreMedia } from './restore-media.ts';
import { savePosition } from './save-position.ts';
import { setProtection } from './set-protection.ts';
import { setQuarantine } from './set-quarantine.ts';
import { takeLease } from './take-lease.ts';
import { takePermits } from './take-permits.ts';
import { updateJob } from './update-job.ts';
import { watchChanges } from './watch-changes.ts';

/** Every method of `medley.metadata.v1`. */
export function createMetadataService(source: MediaSource & ChangeSource & OwnNames): MetadataServiceImplementation {
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
    recordRemoteMedia: recordRemoteMedia(source),
    markAccessed: markAccessed(store.catalog),
    listMedia: listMedia(store.catalog),
    listUserStatistics: listUserStatistics(store.catalog),
    expirePending: expirePending(store),
    putUrlPreview: putUrlPreview(store.previews),
    getUrlPreview: getUrlPreview(store.previews),
    expireUrlPreviews: expireUrlPreviews(source),
    indexEvents: indexEvents(store.rooms),
    listRoomMedia: listRoomMedia(store.rooms),
    listMediaUses: listMediaUses(store.rooms),
    condemnBlobs: condemnBlobs(store.removals),
    claimRemovals: claimRemovals(store.removals),
    finishRemovals: finishRemovals(store.removals),
    setProtection: setProtection(source),
    restoreMedia: restoreMedia(source),
    listTrash: listTrash(store.trash),
    expireTrash: expireTrash(source),
    listBans: listBans(store.acts),
    listChanges: listChanges(store.acts),
    takeLease: takeLease(store.leases),
    releaseLease: releaseLease(store.leases),
    createJob: createJob(store.jobs),
    getJob: getJob(store.jobs),
    listJobs: listJobs(store.jobs),
    updateJob: updateJob(store.jobs),
    cancelJob: cancelJob(store.jobs),
    savePosition: savePosition(store.jobs),
    getPosition: getPosition(store.jobs),
    putVerdict: putVerdict(store.verdicts),
    getVerdict: getVerdict(store.verdicts),
    listVerdicts: listVerdicts(store.verdicts),
    takePermits: takePermits(),
    reserveQuota: reserveQuota(store.quotas),
    releaseQuota: releaseQuota(store.quotas),
    getQuotaUse: getQuotaUse(store.quotas),
  };
}
