import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';

/** A record as Synapse lists it: 12 members. */
export function toUserMedia(record: MediaRecord, { config }: Gateway): Record<string, unknown> {
  const { key, content } = record;
  return {
    media_id: key?.mediaId,
    media_type: content?.contentType ?? null,
    media_length: content?.sizeBytes ?? null,
    upload_name: content?.uploadName ?? null,
    created_ts: record.createdAtMs,
    url_cache: record.previewImage === undefined ? null : (record.previewImage.url ?? ''),
    last_access_ts: record.lastAccessMs ?? null,
    quarantined_by: record.quarantine?.by ?? null,
    safe_from_quarantine: record.protected,
    user_id: record.userId,
    // what has no bytes yet is frozen when they come
    authenticated: content?.frozen ?? config.freezeUnauthenticated,
    sha256: content?.digest ?? null,
  };
}

/** The same as Synapse answers it for one media: 14 members, of which those that make no sense for copies of other servers' media are null. */
export function toMediaInfo(record: MediaRecord, gateway: Gateway): Record<string, unknown> {
  const info = { ...toUserMedia(record, gateway), media_origin: null, filesystem_id: null };
  if (!record.remote) return info;
  return {
    ...info,
    media_origin: record.key?.origin,
    user_id: null,
    url_cache: null,
    safe_from_quarantine: null,
    filesystem_id: record.content?.digest,
  };
}
