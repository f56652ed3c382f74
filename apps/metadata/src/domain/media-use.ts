import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';

/** As what a media is used. Avatars and packs are used until newer state replaces them, all else until it is redacted. */
export const USE_KINDS = ['event', 'room-avatar', 'member-avatar', 'pack'] as const;

export type UseKind = (typeof USE_KINDS)[number];

/** One place where a media is used now. */
export interface MediaUse {
  readonly uri: MxcUri;
  readonly roomId: string;
  readonly eventId: string;
  readonly kind: UseKind;
  readonly sender: string;
  /** The event's `origin_server_ts`, Unix milliseconds. */
  readonly at: number;
}

/** As many digits as the largest whole number that JSON carries. */
const DIGITS = 16;
const PLACE = /^[0-9]{16} \S+ mxc:\/\/\S+$/;

/** Before and behind every place. */
export const FIRST_PLACE = '0';
export const END_PLACE = ':';

/** The place of a use among all of its room: what is newer sorts later, and no two are the same. */
export function toPlace({ at, eventId, uri }: MediaUse): string {
  return `${String(at).padStart(DIGITS, '0')} ${eventId} ${toMxcText(uri)}`;
}

/** Whether `toPlace` can have written this. */
export function isPlace(text: string): boolean {
  return PLACE.test(text);
}
