import { parseMxcText, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';

/**
 * Under these names events of every kind name media: attachments and their thumbnails, encrypted or not, packs, galleries
 * (MSC4274), extensible events (MSC1767), edits, avatars, previews that senders make (MSC4095), reactions (MSC4027).
 */
const URL_NAMES: ReadonlySet<string> = new Set(['url', 'thumbnail_url', 'avatar_url', 'og:image', 'key']);
const HTML_NAMES: ReadonlySet<string> = new Set(['formatted_body', 'org.matrix.msc1767.html']);

/** Deeper than any event that means something. */
const MAX_DEPTH = 12;
const MAX_URIS = 1000;
/** An origin and a media id of 255 characters each, and what follows them. */
const MAX_URI_LENGTH = 1024;
/** Each quantifier is bounded, so that time grows with the text alone. */
const HTML_SOURCE = /\bsrc\s{0,4}=\s{0,4}["']?(mxc:\/\/[^\s"'<>]{1,1000})/gi;

/**
 * The media that the content of an event uses, each once, at most a thousand. Reads whatever it is given and never fails:
 * what is not a valid mxc URI is passed over, a query or fragment is cut off. A member who is not in the room, and is not
 * about to be, has no avatar there.
 */
export function mediaInEvent(type: string, content: Readonly<Record<string, unknown>>): readonly MxcUri[] {
  if (type === 'm.room.member' && (content['membership'] === 'leave' || content['membership'] === 'ban')) return [];
  const found = new Map<string, MxcUri>();
  for (const text of textsIn(content, 0)) {
    const uri = parseMxc(text);
    if (uri !== undefined) found.set(toMxcText(uri), uri);
    if (found.size === MAX_URIS) break;
  }
  return [...found.values()];
}

/** Every text that may be an mxc URI. */
function* textsIn(value: object, depth: number): Generator<string> {
  if (depth > MAX_DEPTH) return;
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === 'string') yield* textsOf(name, part, value);
    else if (typeof part === 'object' && part !== null) yield* textsIn(part, depth + 1);
  }
}

function* textsOf(name: string, text: string, parent: object): Generator<string> {
  if (URL_NAMES.has(name)) yield text;
  if (HTML_NAMES.has(name) || isHtmlBody(name, parent)) for (const [, uri = ''] of text.matchAll(HTML_SOURCE)) yield uri;
}

/** In extensible events a text is an object with its type beside it. */
function isHtmlBody(name: string, parent: object): boolean {
  return name === 'body' && 'mimetype' in parent && parent.mimetype === 'text/html';
}

function parseMxc(text: string): MxcUri | undefined {
  if (!text.startsWith('mxc://') || text.length > MAX_URI_LENGTH) return undefined;
  try {
    return parseMxcText(text.replace(/[?#].*$/s, ''));
  } catch {
    return undefined; // whoever sent it may have meant anything
  }
}
