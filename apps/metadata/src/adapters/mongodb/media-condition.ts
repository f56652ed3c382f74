import type { Filter, Sort } from 'mongodb';
import type { MediaFilter, MediaOrder, Ordering, Position, SortKey } from '../../domain/media-query.ts';
import type { AnyDocument } from './documents.ts';

/** What each order sorts by. */
const FIELD_OF = {
  created: 'createdAt',
  'last-access': 'usedAt',
  size: 'sizeBytes',
  'content-type': 'contentType',
  'upload-name': 'uploadName',
  'media-id': 'mediaId',
  'quarantined-by': 'quarantinedBy',
  protected: 'isProtected',
} as const satisfies Readonly<Record<MediaOrder, keyof AnyDocument>>;

type Conditions = Filter<AnyDocument>[];

/** What the filter says; and always: not deleted. */
export function toFilter(filter: MediaFilter): Filter<AnyDocument> {
  return { isDeleted: { $ne: true }, $and: [{}, ...toOwnConditions(filter), ...toContentConditions(filter), ...toStandingConditions(filter)] };
}

/** Whether the filter asks for what pending media has none of. */
export function isOfContent({ state, digest, contentType, uploadName, minSizeBytes, maxSizeBytes }: MediaFilter): boolean {
  return state === 'available' || [digest, contentType, uploadName, minSizeBytes, maxSizeBytes].some((value) => value !== undefined && value !== '');
}

/** The reserved media ids that have not lapsed. */
export function notLapsed(now: number): Filter<AnyDocument> {
  return { $or: [{ unusedExpiresAt: { $gt: now } }, { claimedUntil: { $gt: now } }] };
}

/** What comes after a place. */
export function afterPosition({ order, isDescending }: Ordering, { key, uri: { origin, mediaId } }: Position): Filter<AnyDocument> {
  const field = FIELD_OF[order];
  const value = order === 'protected' ? key === 1 : key;
  const beyond = { [field]: isDescending ? { $lt: value } : { $gt: value } };
  return {
    // An index begins here.
    [field]: isDescending ? { $lte: value } : { $gte: value },
    $or: [beyond, { [field]: value, origin: { $gt: origin } }, { [field]: value, origin, mediaId: { $gt: mediaId } }],
  } as Filter<AnyDocument>; // a computed name is too much for the driver's types
}

/** The order of a list. */
export function toSort({ order, isDescending }: Ordering): Sort {
  return { [FIELD_OF[order]]: isDescending ? -1 : 1, origin: 1, ...(order !== 'media-id' && { mediaId: 1 }) };
}

/** What a document is sorted by. */
export function keyOf(document: AnyDocument, order: MediaOrder): SortKey {
  const value = document[FIELD_OF[order]];
  return typeof value === 'boolean' ? Number(value) : value;
}

function toOwnConditions(filter: MediaFilter): Conditions {
  const { origins = [], userIds = [], kinds = [], tenant, createdFrom, createdBefore, createdUntil, unusedSince } = filter;
  return [
    ...(origins.length === 0 ? [] : [{ origin: isOneOf(origins) }]),
    ...(userIds.length === 0 ? [] : [{ userId: isOneOf(userIds) }]),
    ...(kinds.length === 0 ? [] : [{ kind: isOneOf(kinds) }]),
    ...(tenant === undefined ? [] : [{ $or: [{ kind: 'remote' as const }, { origin: tenant }] }]),
    ...(createdFrom === undefined ? [] : [{ createdAt: { $gte: createdFrom } }]),
    ...(createdBefore === undefined ? [] : [{ createdAt: { $lt: createdBefore } }]),
    ...(createdUntil === undefined ? [] : [{ createdAt: { $lte: createdUntil } }]),
    ...(unusedSince === undefined ? [] : [{ usedAt: { $lt: unusedSince } }]),
  ];
}

function toContentConditions({ digest, contentType, uploadName, minSizeBytes, maxSizeBytes }: MediaFilter): Conditions {
  return [
    ...(digest === undefined ? [] : [{ digest }]),
    ...(contentType ? [{ contentType: { $regex: `^${escapePattern(contentType)}`, $options: 'i' } }] : []),
    ...(uploadName ? [{ uploadName: { $regex: escapePattern(uploadName), $options: 'i' } }] : []),
    ...(minSizeBytes === undefined ? [] : [{ sizeBytes: { $gte: minSizeBytes } }]),
    ...(maxSizeBytes === undefined ? [] : [{ sizeBytes: { $lte: maxSizeBytes } }]),
  ];
}

function toStandingConditions({ isQuarantined, isProtected, isLost }: MediaFilter): Conditions {
  return [
    ...(isQuarantined === undefined ? [] : [{ quarantinedBy: isQuarantined ? { $gt: '' } : '' }]),
    ...(isProtected === undefined ? [] : [{ isProtected }]),
    ...(isLost === undefined ? [] : [{ isLost }]),
  ];
}

/** One value is compared by itself, so that an index keeps the order of what follows. */
function isOneOf<Value extends string>(values: readonly Value[]): Value | { readonly $in: readonly Value[] } {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : { $in: values };
}

/** A pattern that matches the text alone, in the server's language of patterns. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
