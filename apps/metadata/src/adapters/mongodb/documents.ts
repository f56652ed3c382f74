import type { MxcUri } from '@medley/domain/mxc-uri';
import type { AvailableMedia, MediaContent, PendingMedia } from '../../domain/media-record.ts';

interface CommonFields extends MxcUri {
  /** `<origin>/<media id>`; an origin has no slash. */
  readonly _id: string;
  readonly userId: string;
  readonly createdAt: number;
}

/** In the collection `pending`: a reserved media id. */
export interface PendingDocument extends CommonFields {
  readonly unusedExpiresAt: number;
  readonly claim?: string;
  readonly claimedUntil?: number;
}

/** In the collection `media`: never changes. */
export interface MediaDocument extends CommonFields, Omit<MediaContent, 'uploadName'> {
  readonly uploadName?: string | undefined;
}

/** The `_id` of a media in either collection. */
export function toId({ origin, mediaId }: MxcUri): string {
  return `${origin}/${mediaId}`;
}

/** What the rest of the service sees of a document of `pending`. */
export function toPending({ origin, mediaId, userId, createdAt, unusedExpiresAt, claimedUntil }: PendingDocument): PendingMedia {
  return { state: 'pending', uri: { origin, mediaId }, userId, createdAt, unusedExpiresAt, claimedUntil };
}

/** What the rest of the service sees of a document of `media`. */
export function toAvailable({ origin, mediaId, userId, createdAt, ...rest }: MediaDocument): AvailableMedia {
  const { digest, sizeBytes, contentType, uploadName, frozen } = rest;
  const content = { digest, sizeBytes, contentType, uploadName, frozen };
  return { state: 'available', uri: { origin, mediaId }, userId, createdAt, content };
}

/** The document of a media. */
export function fromAvailable({ uri, userId, createdAt, content }: AvailableMedia): MediaDocument {
  return { _id: toId(uri), ...uri, userId, createdAt, ...content };
}

/** The document of a media id that nobody has claimed. */
export function fromPending({ uri, userId, createdAt, unusedExpiresAt }: PendingMedia): PendingDocument {
  return { _id: toId(uri), ...uri, userId, createdAt, unusedExpiresAt };
}
