import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { parseSubject, toSubjectText, type Act, type ActKind, type NewAct } from '../../domain/acts.ts';
import { parseBlobText } from '../../domain/blob-name.ts';
import { NO_HINTS, type Hints } from '../../domain/media-query.ts';
import { kindOf, toAvailableMedia, toPendingMedia, type AvailableMedia, type Creation, type MediaContent, type MediaKind, type MediaRecord, type PendingMedia } from '../../domain/media-record.ts';
import type { KeptPreview } from '../../ports/preview-shelf.ts';
import { fromStore, toStore, type StoreField } from './store-field.ts';

/** What media is found by is always there, so that lists can be ordered by it. The hints repeat what the acts say. */
interface CommonFields extends MxcUri, Hints {
  /** `<origin>/<media id>`; an origin has no slash. */
  readonly _id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly kind: MediaKind;
  readonly lastAccessAt?: number;
  /** The later of `createdAt` and `lastAccessAt`. */
  readonly usedAt: number;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** '' for none. */
  readonly uploadName: string;
}

/** In the collection `pending`: a reserved media id; of size -1 and without type. */
export interface PendingDocument extends CommonFields {
  readonly unusedExpiresAt: number;
  readonly claim?: string;
  readonly claimedUntil?: number;
}

/** In the collection `media`: never changes but for the hints and the last access. */
export interface MediaDocument extends CommonFields, StoreField, Pick<MediaContent, 'digest' | 'frozen' | 'awaitsVerdict'> {
  readonly expiresAt?: number;
  readonly sourceUrl?: string;
}

/** In one of the two. */
export type AnyDocument = MediaDocument | PendingDocument;

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
  readonly reason?: string;
  readonly purgeAt?: number;
}

/** In the collection `condemned`: a blob that waits for its removal; never changes. */
export interface MarkDocument extends StoreField {
  /** The text of the blob; see toBlobText. */
  readonly _id: string;
  /** Of this condemnation. */
  readonly id: string;
  readonly storedAt: number;
  readonly condemnedAt: number;
}

/** In the collection `verdicts`: what was decided on a condemnation, or who claimed a doomed blob; never changes. */
export interface VerdictDocument extends StoreField {
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
export function toPending({ origin, mediaId, userId, createdAt, unusedExpiresAt, claimedUntil, lastAccessAt }: PendingDocument): PendingMedia {
  return { ...toPendingMedia({ uri: { origin, mediaId }, userId, createdAt }, unusedExpiresAt, claimedUntil), lastAccessAt };
}

/** What the rest of the service sees of a document of `media`. */
export function toAvailable({ origin, mediaId, userId, createdAt, kind, expiresAt, sourceUrl, lastAccessAt, ...rest }: MediaDocument): AvailableMedia {
  const { digest, sizeBytes, contentType, uploadName, frozen, awaitsVerdict } = rest;
  const creation = {
    uri: { origin, mediaId },
    userId,
    createdAt,
    ...(kind === 'remote' && { remote: true as const }),
    ...(typeof expiresAt === 'number' && { expiresAt }),
    ...(typeof sourceUrl === 'string' && { sourceUrl }),
  };
  const content = { digest, store: toStore(rest), sizeBytes, contentType, uploadName: uploadName === '' ? undefined : uploadName, frozen, ...(awaitsVerdict === true && { awaitsVerdict }) };
  return { ...toAvailableMedia(creation, content), lastAccessAt };
}

/** What the rest of the service sees of a document of either collection. */
export function toRecord(document: AnyDocument): MediaRecord {
  return 'digest' in document ? toAvailable(document) : toPending(document);
}

/** The document of a media to which nothing has happened. */
export function fromAvailable({ content: { store, ...content }, expiresAt, sourceUrl, ...media }: AvailableMedia): MediaDocument {
  return {
    ...fromCreation({ ...media, ...(expiresAt !== undefined && { expiresAt }) }),
    ...content,
    ...fromStore(store),
    uploadName: content.uploadName ?? '',
    ...(expiresAt !== undefined && { expiresAt }),
    ...(sourceUrl !== undefined && { sourceUrl }),
  };
}

/** The document of a media id that nobody has claimed. */
export function fromPending({ unusedExpiresAt, ...media }: PendingMedia): PendingDocument {
  return { ...fromCreation(media), sizeBytes: -1, contentType: '', uploadName: '', unusedExpiresAt };
}

function fromCreation(creation: Creation): Omit<CommonFields, 'sizeBytes' | 'contentType' | 'uploadName'> {
  const { uri, userId, createdAt } = creation;
  return { _id: toId(uri), ...uri, userId, createdAt, kind: kindOf(creation), usedAt: createdAt, ...NO_HINTS };
}

/** What the rest of the service sees of a document of `acts`. */
export function toAct({ _id, kind, subject, by, at, reason, purgeAt }: ActDocument): Act {
  return { sequence: _id, kind, subject: parseSubject(subject), by, at, ...(reason !== undefined && { reason }), ...(purgeAt !== undefined && { purgeAt }) };
}

/** The document of an act. */
export function fromAct({ kind, subject, by, reason, purgeAt }: NewAct, sequence: number, at: number): ActDocument {
  const more = { ...(reason !== undefined && { reason }), ...(purgeAt !== undefined && { purgeAt }) };
  return { _id: sequence, kind, subject: toSubjectText(subject), by, at, ...more };
}

/** What is decided on a condemnation, or claimed of it. */
export function toVerdict({ _id, id }: MarkDocument, turn: number, decision: Pick<VerdictDocument, 'verdict' | 'at'>): VerdictDocument {
  const { digest, store } = parseBlobText(_id);
  return { _id: `${id}/${turn}`, condemnation: id, digest, ...fromStore(store), ...decision };
}
