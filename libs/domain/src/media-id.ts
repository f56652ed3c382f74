import { randomInt } from 'node:crypto';
import { MediaError } from './media-error.ts';

/** The opaque second half of an mxc URI; unique only within its origin, and case-sensitive. */
export type MediaId = string & { readonly __brand: 'MediaId' };

const MEDIA_ID = /^[A-Za-z0-9_-]{1,255}$/;
/** In ASCII order, so that ids minted later sort later and keep a B-tree's inserts together. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TIME_LENGTH = 8;
/** 23 letters of 62 are 136 bits: nobody guesses an id (who knows it may read the media). */
const RANDOM_LENGTH = 23;

/** Reads a media id. Throws INVALID_PARAM outside `[A-Za-z0-9_-]{1,255}` (Matrix 1.19, “Content repository”, security). */
export function parseMediaId(text: string): MediaId {
  if (!isMediaId(text)) throw new MediaError('INVALID_PARAM', 'Not a valid media ID');
  return text as MediaId;
}

export function isMediaId(text: string): boolean {
  return MEDIA_ID.test(text);
}

/** Makes a media id that nobody has and nobody can guess. */
export function mintMediaId(nowMs: number): MediaId {
  return (timePart(nowMs) + randomPart()) as MediaId;
}

function timePart(nowMs: number): string {
  let text = '';
  for (let rest = nowMs; text.length < TIME_LENGTH; rest = Math.floor(rest / ALPHABET.length)) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
  }
  return text;
}

function randomPart(): string {
  return Array.from({ length: RANDOM_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}
