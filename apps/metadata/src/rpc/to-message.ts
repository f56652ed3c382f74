import { MediaState, type MediaRecord as MediaRecordMessage } from '@medley/proto/metadata';
import type { MediaRecord } from '../domain/media-record.ts';

/** A record as callers see it. */
export function toMessage(record: MediaRecord): MediaRecordMessage {
  const common = { key: { ...record.uri }, userId: record.userId, createdAtMs: record.createdAt };
  switch (record.state) {
    case 'pending':
      return { ...common, state: MediaState.PENDING, unusedExpiresAtMs: record.unusedExpiresAt };
    case 'available':
      return { ...common, state: MediaState.AVAILABLE, content: { ...record.content } };
  }
}
