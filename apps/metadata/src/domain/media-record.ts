import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { StoreName } from '@medley/domain/store-name';

/** What a media's uploader said, and what storage found, about its bytes. */
export interface MediaContent {
  readonly digest: Digest;
  /** Where they lie. */
  readonly store: StoreName;
  readonly sizeBytes: number;
  /** The declared media type, as uploaded. */
  readonly contentType: string;
  readonly uploadName: string | undefined;
  /** Frozen media is refused on the deprecated unauthenticated endpoints. */
  readonly frozen: boolean;
  /** Set where nobody may have it before a content scanner has judged its bytes; it stays set then. */
  readonly awaitsVerdict?: boolean;
}

/** Who hid a media from everyone, and when. */
export interface Quarantine {
  /** A Matrix user id, or a word for a program. */
  readonly by: string;
  readonly at: number;
  /** Why, for admins. */
  readonly reason?: string;
}

/** What a media is to us: uploaded by a user of ours, a copy of another server's, or the image of a URL preview. */
export const MEDIA_KINDS = ['local', 'remote', 'preview'] as const;

export type MediaKind = (typeof MEDIA_KINDS)[number];

/** Whose media it is, and since when. */
export interface Creation {
  readonly uri: MxcUri;
  /** The full Matrix user id of the creator; empty for media of another server. */
  readonly userId: string;
  /** Unix milliseconds, like every other time here; for media of another server when it was fetched. */
  readonly createdAt: number;
  /** On a copy of another server's media alone. It can be had again, so it may be deleted and recorded anew. */
  readonly remote?: true;
  /** On the image of a URL preview alone: when it may be removed. It counts in no quota. */
  readonly expiresAt?: number;
  /** On the image of a URL preview alone: the URL that was previewed. */
  readonly sourceUrl?: string;
}

interface Common extends Creation {
  /** Set while the media is hidden. */
  readonly quarantine: Quarantine | undefined;
  /** Whether it is kept from quarantine and from all that deletes by rule. */
  readonly protected: boolean;
  /** When somebody last asked for it, to the minute. */
  readonly lastAccessAt: number | undefined;
}

/** A reserved media id: its bytes have not come yet. */
export interface PendingMedia extends Common {
  readonly state: 'pending';
  /** When the media id lapses, unless an upload to it is under way. */
  readonly unusedExpiresAt: number;
  /** Until when the latest claim keeps the media id alive. */
  readonly claimedUntil: number | undefined;
}

/** Its bytes are in storage and never change again. */
export interface AvailableMedia extends Common {
  readonly state: 'available';
  readonly content: MediaContent;
  /** Whether its bytes are known to be lost. */
  readonly lost: boolean;
}

/** What is known of one media. */
export type MediaRecord = PendingMedia | AvailableMedia;

const UNTOUCHED = { quarantine: undefined, protected: false, lastAccessAt: undefined } as const;

/** A reserved media id as it is known at first: nothing has happened to it. */
export function toPendingMedia(creation: Creation, unusedExpiresAt: number, claimedUntil?: number): PendingMedia {
  return { ...creation, ...UNTOUCHED, state: 'pending', unusedExpiresAt, claimedUntil };
}

/** Media as it is known at first: nothing has happened to it. */
export function toAvailableMedia(creation: Creation, content: MediaContent): AvailableMedia {
  return { ...creation, ...UNTOUCHED, state: 'available', content, lost: false };
}

/** Whether this is media that must be judged before anybody may have it. */
export function awaitsVerdict(record: MediaRecord | undefined): record is AvailableMedia {
  return record?.state === 'available' && record.content.awaitsVerdict === true;
}

/** Media whose bytes nobody may have yet: as if they had not come. It does not lapse. */
export function toUnseen({ content: _content, lost: _lost, ...common }: AvailableMedia): PendingMedia {
  return { ...common, state: 'pending', unusedExpiresAt: Number.POSITIVE_INFINITY, claimedUntil: undefined };
}

/** What a media is to us. */
export function kindOf({ remote, expiresAt }: Creation): MediaKind {
  if (remote) return 'remote';
  return expiresAt === undefined ? 'local' : 'preview';
}

/** Whether a reserved media id has been left unused for too long: then it is as if it had never been. */
export function isLapsed(record: MediaRecord, now: number): boolean {
  return record.state === 'pending' && Math.max(record.unusedExpiresAt, record.claimedUntil ?? 0) <= now;
}

/** The record, if it can be seen. Throws NOT_FOUND if there is none or it has lapsed. */
export function requireLive(record: MediaRecord | undefined, now: number): MediaRecord {
  if (record === undefined || isLapsed(record, now)) throw notFound();
  return record;
}

/** The answer for media that never was, or is not any more. */
export function notFound(): MediaError {
  return new MediaError('NOT_FOUND', 'No such media');
}
