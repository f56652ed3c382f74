import { isInlineType } from './content-type.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const ASCII = /^[\x20-\x7e]*$/;
const NOT_ATTR_CHAR = /[^!#$&+.^_`|~0-9A-Za-z-]/gu;

/**
 * Writes a `Content-Disposition`: `inline` only for the types the specification allows, and the file name by
 * RFC 6266: a token, else a quoted string, else `filename*` in UTF-8.
 */
export function toDisposition(contentType: string, uploadName: string | undefined): string {
  const disposition = isInlineType(contentType) ? 'inline' : 'attachment';
  return uploadName === undefined ? disposition : `${disposition}; ${toFileName(uploadName)}`;
}

function toFileName(name: string): string {
  if (TOKEN.test(name)) return `filename=${name}`;
  if (ASCII.test(name)) return `filename=${quote(name)}`;
  return `filename*=utf-8''${name.replace(NOT_ATTR_CHAR, percentEncode)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
