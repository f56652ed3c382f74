import type { SQLInputValue } from 'node:sqlite';
import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { parseSubject, toSubjectText, type Act, type ActKind, type NewAct } from '../../domain/acts.ts';
import { toAvailableMedia, toPendingMedia, type MediaContent, type MediaRecord } from '../../domain/media-record.ts';

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
  readonly expires_at: number | null;
}

/** A row as the rest of the service sees it. */
export function toRecord(row: MediaRow): MediaRecord {
  const creation = {
    uri: { origin: row.origin, mediaId: row.media_id },
    userId: row.user_id,
    createdAt: row.created_at,
  };
  if (row.state === 'available') return toAvailableMedia({ ...creation, ...(row.expires_at !== null && { expiresAt: row.expires_at }) }, toContent(row));
  return toPendingMedia(creation, row.unused_expires_at, row.claimed_until ?? undefined);
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

/** A row of the table `acts`. */
export interface ActRow {
  readonly sequence: number;
  readonly kind: ActKind;
  readonly subject: string;
  readonly actor: string;
  readonly at: number;
}

/** A row as the rest of the service sees it. */
export function toAct({ sequence, kind, subject, actor, at }: ActRow): Act {
  return { sequence, kind, subject: parseSubject(subject), by: actor, at };
}

/** The named parameters of an act's columns. */
export function fromAct({ kind, subject, by }: NewAct, at: number): Record<string, SQLInputValue> {
  return { kind, subject: toSubjectText(subject), actor: by, at };
}

/** The named parameters of a media's name. */
export function fromUri({ origin, mediaId }: MxcUri): { origin: string; media_id: string } {
  return { origin, media_id: mediaId };
}
