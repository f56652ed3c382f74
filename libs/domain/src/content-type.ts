import { MediaError } from './media-error.ts';

/** What an upload without a content type is taken as (Matrix 1.12). */
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

const MAX_LENGTH = 255;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** The types that a browser may show in place (Matrix specification, “Serving inline content”). */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  'text/css', 'text/plain', 'text/csv', 'application/json', 'application/ld+json',
  'image/jpeg', 'image/gif', 'image/png', 'image/apng', 'image/webp', 'image/avif',
  'video/mp4', 'video/webm', 'video/ogg', 'video/quicktime',
  'audio/mp4', 'audio/webm', 'audio/aac', 'audio/mpeg', 'audio/ogg', 'audio/wave', 'audio/wav',
  'audio/x-wav', 'audio/x-pn-wav', 'audio/flac', 'audio/x-flac',
]);

/**
 * Reads a declared content type; it comes back to downloaders as it was sent, so it need not be a registered or
 * even a well-formed type. Absent or blank means `application/octet-stream`. Throws INVALID_PARAM for what can't
 * stand in a header: control characters, anything but ASCII, more than 255 bytes.
 */
export function parseContentType(text: string | undefined): string {
  const type = text?.trim() ?? '';
  if (type === '') return DEFAULT_CONTENT_TYPE;
  if (type.length > MAX_LENGTH || !PRINTABLE_ASCII.test(type)) {
    throw new MediaError('INVALID_PARAM', `Content-Type must be at most ${MAX_LENGTH} printable ASCII characters`);
  }
  return type;
}

/** Whether a browser may show this type in place: the lower-cased type/subtype decides, parameters don't. */
export function isInlineType(contentType: string): boolean {
  return INLINE_TYPES.has(toMediaType(contentType));
}

/** The type/subtype of a content type, in lower case, without its parameters. */
export function toMediaType(contentType: string): string {
  return contentType.split(';', 1).join('').trim().toLowerCase();
}
