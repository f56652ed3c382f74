import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import type { MediaKind, MediaRecord } from './media-record.ts';

/** Which media. What is absent or empty says nothing; all that is said must hold. Times are Unix milliseconds. */
export interface MediaFilter {
  readonly kinds?: readonly MediaKind[];
  readonly origins?: readonly ServerName[];
  readonly userIds?: readonly string[];
  readonly digest?: Digest;
  /** The declared type begins with this, without regard to case. */
  readonly contentType?: string;
  /** The upload name holds this, without regard to case. */
  readonly uploadName?: string;
  readonly minSizeBytes?: number;
  readonly maxSizeBytes?: number;
  /** At or after. */
  readonly createdFrom?: number;
  /** Before. */
  readonly createdBefore?: number;
  /** At or before; for those who say it so. */
  readonly createdUntil?: number;
  /** Last asked for, or created where nobody has asked, before. */
  readonly unusedSince?: number;
  readonly isQuarantined?: boolean;
  readonly isProtected?: boolean;
  readonly isLost?: boolean;
  readonly state?: MediaRecord['state'];
  /** Of media that is not another server's only that of this origin. */
  readonly tenant?: ServerName;
}

/** By what a list can be ordered. Among equals it is always by origin and media id, ascending. */
export const MEDIA_ORDERS = ['created', 'last-access', 'size', 'content-type', 'upload-name', 'media-id', 'quarantined-by', 'protected'] as const;

export type MediaOrder = (typeof MEDIA_ORDERS)[number];

/** A list's order and direction. */
export interface Ordering {
  readonly order: MediaOrder;
  readonly isDescending: boolean;
}

/** What a record is sorted by; where it has none of it, the least of all: -1 or ''. */
export type SortKey = number | string;

/** A place in an ordered list: that of one record. */
export interface Position {
  readonly key: SortKey;
  readonly uri: MxcUri;
}

/** What can be told of a record's standing by what it is found by; see refreshHints in the adapters. */
export interface Hints {
  /** '' while it is not. */
  readonly quarantinedBy: string;
  readonly isProtected: boolean;
  readonly isLost: boolean;
  readonly isDeleted: boolean;
}

/** What a record is found by when nothing has happened to it. */
export const NO_HINTS: Hints = { quarantinedBy: '', isProtected: false, isLost: false, isDeleted: false };

/** What a record is found by as it stands; `judged` is undefined for one that was deleted. */
export function toHints(judged: MediaRecord | undefined): Hints {
  if (judged === undefined) return { ...NO_HINTS, isDeleted: true };
  return {
    quarantinedBy: judged.quarantine?.by ?? '',
    isProtected: judged.protected,
    isLost: judged.state === 'available' && judged.lost,
    isDeleted: false,
  };
}

/** Whether a record stands as the filter says; all else about it never changes. */
export function standsAs({ isQuarantined, isProtected, isLost }: MediaFilter, record: MediaRecord): boolean {
  const hints = toHints(record);
  return (isQuarantined === undefined || isQuarantined === (hints.quarantinedBy !== ''))
    && (isProtected === undefined || isProtected === hints.isProtected)
    && (isLost === undefined || isLost === hints.isLost);
}

/** Where a list goes on, as an opaque word. */
export function toCursor({ order, isDescending }: Ordering, { key, uri }: Position): string {
  return Buffer.from(JSON.stringify([order, isDescending, key, uri.origin, uri.mediaId])).toString('base64url');
}

/** Reads what toCursor wrote for a list in the same order. Throws INVALID_PARAM for anything else. */
export function parseCursor({ order, isDescending }: Ordering, cursor: string): Position {
  const parts = readParts(cursor);
  const [ofOrder, ofDirection, key, origin, mediaId] = parts;
  const isOurs = parts.length === 5 && ofOrder === order && ofDirection === isDescending
    && typeof key === typeof leastKey(order) && typeof origin === 'string' && typeof mediaId === 'string';
  if (!isOurs) throw foreignCursor();
  return { key: key as SortKey, uri: parseMxcParts(origin, mediaId) }; // its type was just checked
}

/** What a record is sorted by that has nothing to be sorted by. */
export function leastKey(order: MediaOrder): SortKey {
  switch (order) {
    case 'created':
    case 'last-access':
    case 'size':
    case 'protected':
      return -1;
    case 'content-type':
    case 'upload-name':
    case 'media-id':
    case 'quarantined-by':
      return '';
  }
}

function readParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return []; // it is no cursor of ours
  }
}

function foreignCursor(): MediaError {
  return new MediaError('INVALID_PARAM', 'after is not from a list in this order');
}
