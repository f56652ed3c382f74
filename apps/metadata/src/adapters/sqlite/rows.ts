import type { SQLInputValue } from 'node:sqlite';
import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaContent, MediaRecord } from '../../domain/media-record.ts';

/** A row of the table `media`, as the migrations make it. */
export type MediaRow = CommonColumns & (PendingColumns | AvailableColumns);

interface CommonColumns {
  readonly origin: MxcUri['origin'];
  readonly media_id: MxcUri['mediaId'];
  readonly user_id: string;
  readonly created_at: number;
}

interface PendingColumns {
  readonly state: 'pending';
  readonly unused_expires_at: number;
  readonly claimed_until: number | null;
}

interface AvailableColumns {
  readonly state: 'available';
  readonly digest: Digest;
  readonly size_bytes: number;
  readonly content_type: string;
  readonly upload_name: string | null;
  readonly frozen: number;
}

/** A row as the rest of the service sees it. */
export function toRecord(row: MediaRow): MediaRecord {
  const creation = {
    uri: { origin: row.origin, mediaId: row.media_id },
    userId: row.user_id,
    createdAt: row.created_at,
  };
  if (row.state === 'available') return { ...creation, state: row.state, content: toContent(row) };
  return { ...creation, state: row.state, unusedExpiresAt: row.unused_expires_at, claimedUntil: row.claimed_until ?? undefined };
}

function toContent(row: AvailableColumns): MediaContent {
  return {
    digest: row.digest,
    sizeBytes: row.size_bytes,
    contentType: row.content_type,
    uploadName: row.upload_name ?? undefined,
    frozen: row.frozen === 1,
  };
}

/** The named parameters of a content's columns. */
export function fromContent(content: MediaContent): Record<string, SQLInputValue> {
  return {
    digest: content.digest,
    size_bytes: content.sizeBytes,
    content_type: content.contentType,
    upload_name: content.uploadName ?? null,
    frozen: content.frozen ? 1 : 0,
  };
}
