import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { parseSubject, toSubjectText, type Act, type ActKind, type NewAct } from '../../domain/acts.ts';
import { toAvailableMedia, toPendingMedia, type AvailableMedia, type MediaContent, type PendingMedia } from '../../domain/media-record.ts';
import type { KeptPreview } from '../../ports/preview-shelf.ts';

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
  readonly expiresAt?: number;
}

/** In the collection `previews`: never changes. */
export interface PreviewDocument extends KeptPreview {
  /** `<key>/<bucket>`. */
  readonly _id: string;
  readonly key: string;
}

/** In the collection `acts`: the log; never changes. */
export interface ActDocument {
  /** The sequence. */
  readonly _id: number;
  readonly kind: ActKind;
  readonly subject: string;
  readonly by: string;
  readonly at: number;
}

/** In the collection `condemned`: a blob that waits for its removal; never changes. */
export interface MarkDocument {
  readonly _id: Digest;
  /** Of this condemnation. */
  readonly id: string;
  readonly storedAt: number;
  readonly condemnedAt: number;
}

/** In the collection `verdicts`: what was decided on a condemnation, or who claimed a doomed blob; never changes. */
export interface VerdictDocument {
  /** `<condemnation>/<turn>`: turn 0 decides, later ones claim again. */
  readonly _id: string;
  readonly condemnation: string;
  readonly digest: Digest;
  readonly verdict: 'spared' | 'doomed';
  readonly at: number;
}

/** The `_id` of a media in either collection. */
export function toId({ origin, mediaId }: MxcUri): string {
  return `${origin}/${mediaId}`;
}

/** What the rest of the service sees of a document of `pending`. */
export function toPending({ origin, mediaId, userId, createdAt, unusedExpiresAt, claimedUntil }: PendingDocument): PendingMedia {
  return toPendingMedia({ uri: { origin, mediaId }, userId, createdAt }, unusedExpiresAt, claimedUntil);
}

/** What the rest of the service sees of a document of `media`. */
export function toAvailable({ origin, mediaId, userId, createdAt, expiresAt, ...rest }: MediaDocument): AvailableMedia {
  const { digest, sizeBytes, contentType, uploadName, frozen } = rest;
  return toAvailableMedia({ uri: { origin, mediaId }, userId, createdAt, ...(typeof expiresAt === 'number' && { expiresAt }) }, { digest, sizeBytes, contentType, uploadName, frozen });
}

/** The document of a media. */
export function fromAvailable({ uri, userId, createdAt, expiresAt, content }: AvailableMedia): MediaDocument {
  return { _id: toId(uri), ...uri, userId, createdAt, ...(expiresAt !== undefined && { expiresAt }), ...content };
}

/** The document of a media id that nobody has claimed. */
export function fromPending({ uri, userId, createdAt, unusedExpiresAt }: PendingMedia): PendingDocument {
  return { _id: toId(uri), ...uri, userId, createdAt, unusedExpiresAt };
}

/** What the rest of the service sees of a document of `acts`. */
export function toAct({ _id, kind, subject, by, at }: ActDocument): Act {
  return { sequence: _id, kind, subject: parseSubject(subject), by, at };
}

/** The document of an act. */
export function fromAct({ kind, subject, by }: NewAct, sequence: number, at: number): ActDocument {
  return { _id: sequence, kind, subject: toSubjectText(subject), by, at };
}

/** What is decided on a condemnation, or claimed of it. */
export function toVerdict({ _id: digest, id }: MarkDocument, turn: number, decision: Pick<VerdictDocument, 'verdict' | 'at'>): VerdictDocument {
  return { _id: `${id}/${turn}`, condemnation: id, digest, ...decision };
}
