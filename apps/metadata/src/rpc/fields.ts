import { parseContentType } from '@medley/domain/content-type';
import { parseDigest, type Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import { COMMON_STORE, parseStoreName, type StoreName } from '@medley/domain/store-name';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { RecordUploadRequest } from '@medley/proto/metadata';
import type { MediaContent as MediaContentMessage, MediaKey } from '@medley/proto/metadata/media';
import { SYSTEM, type Author } from '../domain/acts.ts';
import type { MediaContent } from '../domain/media-record.ts';

/** Matrix allows 255 bytes; homeservers have older users with more. */
const MAX_USER_ID_LENGTH = 1024;

const MAX_REASON_LENGTH = 1000;
const NAME = /^[a-z0-9/_.-]{1,200}$/;

/** How many things one call may name, or ask for. */
export const MAX_ITEMS = 1000;

/** Reads the name of a media. Like every parser here it throws INVALID_PARAM for what can't be one. */
export function parseKey(key: MediaKey | undefined): MxcUri {
  if (key === undefined) throw invalid('key is missing');
  return parseMxcParts(key.origin, key.mediaId);
}

/** Reads a user id; the gateway has checked whose it is. */
export function parseUserId(userId: string): string {
  if (userId === '' || userId.length > MAX_USER_ID_LENGTH) throw invalid('user_id is empty or too long');
  return userId;
}

/** Reads who did something: a user id, or a word for a program. */
export function parseActor(by: string, name = 'by'): string {
  if (by === '' || by.length > MAX_USER_ID_LENGTH) throw invalid(`${name} is empty or too long`);
  return by;
}

/** Reads who did something, and why; no reason is none. Nobody is called SYSTEM but who notes what a ban has done: it would hide nothing. */
export function parseAuthor({ by, reason = '' }: { readonly by: string; readonly reason?: string | undefined }): Author {
  if (reason.length > MAX_REASON_LENGTH) throw invalid(`reason is longer than ${MAX_REASON_LENGTH} characters`);
  if (by === SYSTEM) throw invalid(`by must not be ${SYSTEM}`);
  return { by: parseActor(by), ...(reason !== '' && { reason }) };
}

/** Reads the name of a lease, a position, or what a job does. */
export function parseName(text: string, name = 'name'): string {
  if (!NAME.test(text)) throw invalid(`${name} is not of [a-z0-9/_.-]{1,200}`);
  return text;
}

/** Reads the names of media, each once. */
export function parseKeys(keys: readonly MediaKey[]): MxcUri[] {
  return distinct(keys.map(parseKey), toMxcText);
}

/** Reads digests, each once. */
export function parseDigests(digests: readonly string[]): Digest[] {
  return distinct(digests.map(parseDigest), String);
}

/** Refuses lists that are longer than one call may carry. */
export function requireFew(name: string, count: number): void {
  if (count > MAX_ITEMS) throw invalid(`at most ${MAX_ITEMS} ${name} at once`);
}

/** Reads how many somebody wants at most. */
export function parseLimit(limit: number): number {
  if (limit < 1 || limit > MAX_ITEMS) throw invalid(`limit must be from 1 to ${MAX_ITEMS}`);
  return limit;
}

/** Reads the name of a claim. */
export function parseClaim(claim: string): string {
  if (claim === '') throw invalid('claim is empty');
  return claim;
}

/**
 * Reads what an uploader said about the bytes; a file name is cleaned rather than refused. They lie in the common store or
 * in that of `owner`: the origin, or undefined where the media is no tenant's.
 */
export function parseContent(content: MediaContentMessage | undefined, owner: ServerName | undefined): MediaContent {
  if (content === undefined) throw invalid('content is missing');
  return {
    digest: parseDigest(content.digest),
    store: parseOwnStore(content.store, owner),
    sizeBytes: parseAtLeast(0, 'size_bytes', content.sizeBytes),
    contentType: parseContentType(content.contentType),
    uploadName: cleanUploadName(content.uploadName),
    frozen: content.frozen,
  };
}

/** The same of an upload, which may have to be judged before anybody may have it. */
export function parseUploaded(
  { content, awaitsVerdict = false }: Pick<RecordUploadRequest, 'content' | 'awaitsVerdict'>,
  owner: ServerName | undefined,
): MediaContent {
  return { ...parseContent(content, owner), ...(awaitsVerdict && { awaitsVerdict }) };
}

/** Reads a number, which on the wire is whole already. */
export function parseAtLeast(least: number, name: string, value: number): number {
  if (value < least) throw invalid(`${name} must be at least ${least}`);
  return value;
}

/** The refusal of a bad request. */
export function invalid(message: string): MediaError {
  return new MediaError('INVALID_PARAM', message);
}

function parseOwnStore(text: string, owner: ServerName | undefined): StoreName {
  const store = parseStoreName(text);
  if (store !== COMMON_STORE && text !== owner) throw invalid('store is not that of the media');
  return store;
}

function distinct<Item>(items: readonly Item[], toText: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [toText(item), item])).values()];
}
