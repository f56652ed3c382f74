/** How many first bytes may name the encoding. */
const DECLARATION_BYTES = 1024;
const FALLBACK = 'windows-1252';
const BYTE_ORDER_MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
const META_CHARSET = /<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([a-z0-9_:.-]{1,40})/i;
const PROLOG_ENCODING = /^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([a-z0-9_:.-]{1,40})["']/i;
const HEADER_CHARSET = /;\s{0,9}charset\s{0,9}=\s{0,9}"?([a-z0-9_:.-]{1,40})/i;

/** A page's text, and how it was read. */
export interface DecodedPage {
  readonly text: string;
  readonly encoding: string;
  /** What named it. */
  readonly by: 'byte order mark' | 'header' | 'meta' | 'XML prolog' | 'guess';
}

/**
 * Decodes a page by its byte order mark, the Content-Type header, a meta element, the XML prolog, as UTF-8 if it is such,
 * else as windows-1252; in this order. Labels that nobody knows are passed over. Never throws.
 */
export function decodePage(bytes: Uint8Array, contentType: string): DecodedPage {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, DECLARATION_BYTES)).toString('latin1');
  const named = [
    ['byte order mark', BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0]],
    ['header', HEADER_CHARSET.exec(contentType)?.[1]],
    ['meta', asciiCompatible(META_CHARSET.exec(start)?.[1])],
    ['XML prolog', asciiCompatible(PROLOG_ENCODING.exec(start)?.[1])],
  ] as const;
  for (const [by, label] of named) {
    const decoder = label === undefined ? undefined : makeDecoder(label);
    if (decoder !== undefined) return { text: decoder.decode(bytes), encoding: decoder.encoding, by };
  }
  return guess(bytes);
}

function guess(bytes: Uint8Array): DecodedPage {
  try {
    // As a stream, since a page that was cut may end within a character.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }), encoding: 'utf-8', by: 'guess' };
  } catch {
    // Not UTF-8: any bytes are windows-1252.
    return { text: new TextDecoder(FALLBACK).decode(bytes), encoding: FALLBACK, by: 'guess' };
  }
}

/** A declaration that could be read byte by byte is not in UTF-16, whatever it says. */
function asciiCompatible(label: string | undefined): string | undefined {
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function makeDecoder(label: string): Pick<InstanceType<typeof TextDecoder>, 'decode' | 'encoding'> | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // a label that nobody knows
  }
}
