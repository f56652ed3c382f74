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

interface Creation {
  readonly uri: MxcUri;
  /** The full Matrix user id of the creator. */
  readonly userId: string;
  /** Unix milliseconds, like every other time here. */
  readonly createdAt: number;
}

/** A reserved media id: its bytes have not come yet. */
export interface PendingMedia extends Creation {
  readonly state: 'pending';
  /** When the media id lapses, unless an upload to it is under way. */
  readonly unusedExpiresAt: number;
  /** Until when the latest claim keeps the media id alive. */
  readonly claimedUntil: number | undefined;
}

/** Its bytes are in storage and never change again. */
export interface AvailableMedia extends Creation {
  readonly state: 'available';
  readonly content: MediaContent;
}

/** What is known of one media. */
export type MediaRecord = PendingMedia | AvailableMedia;

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
