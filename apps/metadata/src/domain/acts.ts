import type { Digest } from '@medley/domain/digest';
import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { parseBlobText, toBlobText, type BlobName } from './blob-name.ts';

/** What can happen to media that is there. */
export const ACT_KINDS = [
  'quarantined', 'released', 'deleted', 'lost', 'found', 'protected', 'unprotected',
  /** Deleted media is there again: from the trash, or, where it is another server's, fetched anew. */
  'restored',
  /** Deleted media has left the trash. */
  'purged',
] as const;

export type ActKind = (typeof ACT_KINDS)[number];

/** Who notes on a media what a ban of its bytes has done to it. */
export const SYSTEM = 'system';

/** Who, and why. */
export interface Author {
  /** A Matrix user id, or a word for a program. */
  readonly by: string;
  /** For admins. */
  readonly reason?: string | undefined;
}

/**
 * One media, or every media with the same bytes, now and later. A quarantine holds for these bytes in all stores and
 * names the common one; what is lost or found is so in the one store that is named.
 */
export type Subject =
  | { readonly kind: 'media'; readonly uri: MxcUri }
  | { readonly kind: 'digest' } & BlobName;

/** Something that is to happen. */
export interface NewAct extends Author {
  readonly kind: ActKind;
  readonly subject: Subject;
  /** Of a deletion: until when it can be taken back (Unix milliseconds); absent: not at all. */
  readonly purgeAt?: number | undefined;
}

/** Something that happened. Once told it never changes. */
export interface Act extends NewAct {
  /** 1, 2, 3 …: the order in which everything happened. */
  readonly sequence: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** The media that `uri` names. */
export function mediaSubject(uri: MxcUri): Subject {
  return { kind: 'media', uri };
}

/** Every media with these bytes. */
export function digestSubject(digest: Digest): Subject {
  return blobSubject({ digest, store: COMMON_STORE });
}

/** Every media whose bytes are this blob. */
export function blobSubject({ digest, store }: BlobName): Subject {
  return { kind: 'digest', digest, store };
}

const MXC = 'mxc://';

/** One text for each subject: `mxc://<origin>/<media id>`, or that of a blob. */
export function toSubjectText(subject: Subject): string {
  return subject.kind === 'media' ? toMxcText(subject.uri) : toBlobText(subject);
}

/** Reads what toSubjectText wrote. */
export function parseSubject(text: string): Subject {
  if (!text.startsWith(MXC)) return blobSubject(parseBlobText(text));
  const slash = text.indexOf('/', MXC.length);
  return mediaSubject(parseMxcParts(text.slice(MXC.length, slash), text.slice(slash + 1)));
}
