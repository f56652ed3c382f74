import type { SQLInputValue } from 'node:sqlite';
import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { StoreName } from '@medley/domain/store-name';
import { parseSubject, toSubjectText, type Act, type ActKind, type NewAct } from '../../domain/acts.ts';
import type { Hints } from '../../domain/media-query.ts';
import { kindOf, toAvailableMedia, toPendingMedia, type Creation, type MediaContent, type MediaKind, type MediaRecord } from '../../domain/media-record.ts';

/** A row of the table `media`, as the migrations make it. */
export type MediaRow = CommonColumns & (PendingColumns | AvailableColumns);

interface CommonColumns {
  readonly origin: MxcUri['origin'];
  readonly media_id: MxcUri['mediaId'];
  readonly user_id: string;
  readonly created_at: number;
  readonly kind: MediaKind;
  readonly last_access_at: number | null;
}

interface PendingColumns {
  readonly state: 'pending';
  readonly unused_expires_at: number;
  readonly claimed_until: number | null;
}

interface AvailableColumns {
  readonly state: 'available';
  readonly digest: Digest;
  readonly store: StoreName;
  readonly size_bytes: number;
  readonly content_type: string;
  readonly upload_name: string | null;
  readonly frozen: number;
  readonly awaits_verdict: number;
  readonly expires_at: number | null;
  readonly source_url: string | null;
}

/** A row as the rest of the service sees it. */
export function toRecord(row: MediaRow): MediaRecord {
  const creation = {
    uri: { origin: row.origin, mediaId: row.media_id },
    userId: row.user_id,
    createdAt: row.created_at,
    ...(row.kind === 'remote' && { remote: true as const }),
  };
  const record = row.state === 'available'
    ? toAvailableMedia({ ...creation, ...toPreviewImage(row) }, toContent(row))
    : toPendingMedia(creation, row.unused_expires_at, row.claimed_until ?? undefined);
  return { ...record, lastAccessAt: row.last_access_at ?? undefined };
}

function toPreviewImage({ expires_at: expiresAt, source_url: sourceUrl }: AvailableColumns): Pick<Creation, 'expiresAt' | 'sourceUrl'> {
  return { ...(expiresAt !== null && { expiresAt }), ...(sourceUrl !== null && { sourceUrl }) };
}

function toContent(row: AvailableColumns): MediaContent {
  return {
    digest: row.digest,
    store: row.store,
    sizeBytes: row.size_bytes,
    contentType: row.content_type,
    uploadName: row.upload_name ?? undefined,
    frozen: row.frozen === 1,
    ...(row.awaits_verdict === 1 && { awaitsVerdict: true }),
  };
}

/** The named parameters of the columns that say whose it is. */
export function fromCreation(creation: Creation): Record<string, SQLInputValue> {
  const { uri, userId, createdAt, expiresAt, sourceUrl } = creation;
  return {
    ...fromUri(uri), user_id: userId, created_at: createdAt,
    kind: kindOf(creation), expires_at: expiresAt ?? null, source_url: sourceUrl ?? null,
  };
}

/** The named parameters of the columns by which media is found. */
export function fromHints({ quarantinedBy, isProtected, isLost, isDeleted }: Hints): Record<string, SQLInputValue> {
  return { quarantined_by: quarantinedBy, protected: isProtected ? 1 : 0, lost: isLost ? 1 : 0, deleted: isDeleted ? 1 : 0 };
}

/** The named parameters of a content's columns. */
export function fromContent(content: MediaContent): Record<string, SQLInputValue> {
  return {
    digest: content.digest,
    store: content.store,
    size_bytes: content.sizeBytes,
    content_type: content.contentType,
    upload_name: content.uploadName ?? null,
    frozen: content.frozen ? 1 : 0,
    awaits_verdict: content.awaitsVerdict === true ? 1 : 0,
  };
}

/** A row of the table `acts`. */
export interface ActRow {
  readonly sequence: number;
  readonly kind: ActKind;
  readonly subject: string;
  readonly actor: string;
  readonly at: number;
  readonly reason: string | null;
  readonly purge_at: number | null;
}

/** A row as the rest of the service sees it. */
export function toAct({ sequence, kind, subject, actor, at, reason, purge_at: purgeAt }: ActRow): Act {
  return { sequence, kind, subject: parseSubject(subject), by: actor, at, ...(reason !== null && { reason }), ...(purgeAt !== null && { purgeAt }) };
}

/** The named parameters of an act's columns. */
export function fromAct({ kind, subject, by, reason, purgeAt }: NewAct, at: number): Record<string, SQLInputValue> {
  return { kind, subject: toSubjectText(subject), actor: by, at, reason: reason ?? null, purge_at: purgeAt ?? null };
}

/** The named parameters of a media's name. */
export function fromUri({ origin, mediaId }: MxcUri): { origin: string; media_id: string } {
  return { origin, media_id: mediaId };
}
