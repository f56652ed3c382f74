import { MediaState, type MediaRecord as MediaRecordMessage } from '@medley/proto/metadata';
import type { MediaRecord } from '../domain/media-record.ts';

/** A record as callers see it. */
export function toMessage(record: MediaRecord): MediaRecordMessage {
  const quarantine = record.quarantine && { by: record.quarantine.by, atMs: record.quarantine.at };
  const common = { key: { ...record.uri }, userId: record.userId, createdAtMs: record.createdAt, quarantine };
  switch (record.state) {
    case 'pending':
      return { ...common, state: MediaState.PENDING, unusedExpiresAtMs: record.unusedExpiresAt, lost: false };
    case 'available':
      return { ...common, state: MediaState.AVAILABLE, content: { ...record.content }, lost: record.lost, ...toKind(record) };
  }
}

function toKind({ expiresAt }: MediaRecord): Pick<MediaRecordMessage, 'previewImage'> {
  return expiresAt === undefined ? {} : { previewImage: { expiresAtMs: expiresAt } };
}
