import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';

/** What a media's uploader said, and what storage found, about its bytes. */
export interface MediaContent {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** The declared media type, as uploaded. */
  readonly contentType: string;
  readonly uploadName: string | undefined;
  /** Frozen media is refused on the deprecated unauthenticated endpoints. */
  readonly frozen: boolean;
}

/** Who hid a media from everyone, and when. */
export interface Quarantine {
  /** A Matrix user id, or a word for a program. */
  readonly by: string;
  readonly at: number;
}

/** Whose media it is, and since when. */
export interface Creation {
  readonly uri: MxcUri;
  /** The full Matrix user id of the creator. */
  readonly userId: string;
  /** Unix milliseconds, like every other time here. */
  readonly createdAt: number;
  /** On the image of a URL preview alone: when it may be removed. It counts in no list and no quota. */
  readonly expiresAt?: number;
}

interface Common extends Creation {
  /** Set while the media is hidden. */
  readonly quarantine: Quarantine | undefined;
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

/** A reserved media id as it is known at first: nothing has happened to it. */
export function toPendingMedia(creation: Creation, unusedExpiresAt: number, claimedUntil?: number): PendingMedia {
  return { ...creation, state: 'pending', quarantine: undefined, unusedExpiresAt, claimedUntil };
}

/** Media as it is known at first: nothing has happened to it. */
export function toAvailableMedia(creation: Creation, content: MediaContent): AvailableMedia {
  return { ...creation, state: 'available', quarantine: undefined, content, lost: false };
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
