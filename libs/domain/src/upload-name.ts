/** Longest name kept, in UTF-8 bytes: what file systems take. */
const MAX_BYTES = 255;
/** C0, DEL, C1, and the marks that reverse or hide what follows (bidirectional controls, zero width, line separators). */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const SEPARATORS = /[/\\]/g;

/**
 * Cleans a file name that somebody gave: without control characters and direction marks, with path separators
 * replaced, at most 255 bytes. Nothing left, or no name, is `undefined`.
 */
export function cleanUploadName(text: string | undefined): string | undefined {
  const clean = (text ?? '').toWellFormed().replace(UNSAFE, '').replace(SEPARATORS, '_').trim();
  return clean === '' ? undefined : shorten(clean);
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name) {
    if (Buffer.byteLength(stem + character + extension) > MAX_BYTES) break;
    stem += character;
  }
  return stem + extension;
}
