import { MediaState, type MediaRecord as MediaRecordMessage, type Quarantine as QuarantineMessage } from '@medley/proto/metadata/media';
import type { MediaRecord, Quarantine } from '../domain/media-record.ts';

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
      return { ...common, state: MediaState.PENDING, unusedExpiresAtMs: record.unusedExpiresAt, lost: false };
    case 'available':
      return { ...common, state: MediaState.AVAILABLE, content: { ...record.content }, lost: record.lost, ...toPreviewImage(record) };
  }
}

/** Who hid a media, as callers see it. */
export function toQuarantineMessage({ by, at, reason }: Quarantine): QuarantineMessage {
  return { by, atMs: at, ...(reason !== undefined && { reason }) };
}

function toPreviewImage({ expiresAt, sourceUrl }: MediaRecord): Pick<MediaRecordMessage, 'previewImage'> {
  if (expiresAt === undefined) return {};
  return { previewImage: { expiresAtMs: expiresAt, ...(sourceUrl !== undefined && { url: sourceUrl }) } };
}
