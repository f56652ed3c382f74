import { MediaState, type MediaContent as MediaContentMessage, type MediaRecord as MediaRecordMessage, type Quarantine as QuarantineMessage } from '@medley/proto/metadata/media';
import { awaitsVerdict, toUnseen, type AvailableMedia, type MediaContent, type MediaRecord, type Quarantine } from '../domain/media-record.ts';

/** A record as callers see it. */
export function toMessage(record: MediaRecord): MediaRecordMessage {
  const common = {
    key: { ...record.uri },
    userId: record.userId,
    createdAtMs: record.createdAt,
    ...(record.quarantine !== undefined && { quarantine: toQuarantineMessage(record.quarantine) }),
    ...(record.lastAccessAt !== undefined && { lastAccessMs: record.lastAccessAt }),
    remote: record.remote === true,
    protected: record.protected,
  };
  switch (record.state) {
    case 'pending':
      return { ...common, state: MediaState.PENDING, ...(Number.isFinite(record.unusedExpiresAt) && { unusedExpiresAtMs: record.unusedExpiresAt }), lost: false };
    case 'available':
      return { ...common, state: MediaState.AVAILABLE, content: toContentMessage(record.content), lost: record.lost, ...toPreviewImage(record) };
  }
}

/** What has just been uploaded, as users may have it. */
export function toUploadedMessage(media: AvailableMedia): MediaRecordMessage {
  return toMessage(awaitsVerdict(media) ? toUnseen(media) : media);
}

/** Whether it awaits a verdict is for look-ups to heed. */
function toContentMessage({ digest, store, sizeBytes, contentType, uploadName, frozen }: MediaContent): MediaContentMessage {
  return { digest, store, sizeBytes, contentType, uploadName, frozen };
}

/** Who hid a media, as callers see it. */
export function toQuarantineMessage({ by, at, reason }: Quarantine): QuarantineMessage {
  return { by, atMs: at, ...(reason !== undefined && { reason }) };
}

function toPreviewImage({ expiresAt, sourceUrl }: MediaRecord): Pick<MediaRecordMessage, 'previewImage'> {
  if (expiresAt === undefined) return {};
  return { previewImage: { expiresAtMs: expiresAt, ...(sourceUrl !== undefined && { url: sourceUrl }) } };
}
