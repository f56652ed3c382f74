import { MediaError } from '@medley/domain/media-error';
import { parseMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { ByteStream } from '@medley/streams/byte-stream';

/** Longer than any text between two quotes of what we read. */
const MAX_PIECE_LENGTH = 16 * 1024;

/**
 * The mxc URIs that are strings of a JSON object, some for each chunk: in constant memory, however many there are. What is
 * not a valid one is passed over. Throws HOMESERVER_UNAVAILABLE for what is no whole object.
 */
export async function* readMxcStrings(json: ByteStream): AsyncGenerator<readonly MxcUri[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let hasBegun = false;
  for await (const chunk of json) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('"');
    if (!hasBegun && !/^\s*(\{|$)/.test(pieces[0] ?? '')) throw notAnObject();
    hasBegun ||= pieces.length > 1;
    rest = pieces.pop() ?? '';
    if (rest.length > MAX_PIECE_LENGTH) throw notAnObject();
    const uris = pieces.flatMap(toUris);
    if (uris.length > 0) yield uris;
  }
  if (!rest.trimEnd().endsWith('}')) throw notAnObject();
}

function toUris(piece: string): readonly MxcUri[] {
  if (!piece.startsWith('mxc:')) return [];
  try {
    // JSON may escape a slash
    return [parseMxcText(piece.replaceAll('\\/', '/'))];
  } catch {
    return []; // senders of events write what they like
  }
}

function notAnObject(): MediaError {
  return new MediaError('HOMESERVER_UNAVAILABLE', 'The homeserver’s answer can’t be read', { retryAfterMs: 5000 });
}
