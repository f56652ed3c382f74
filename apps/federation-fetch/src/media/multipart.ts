import type { ByteStream } from '@medley/streams/byte-stream';
import { ByteWindow } from './byte-window.ts';
import { fetchFailed } from './fetch-failed.ts';
import { parseParameters } from './header-parameters.ts';

/** The second of the two parts of an answer, which is the media or says where it is. */
export interface MediaPart {
  /** By their names in lower case, the values as Latin-1. */
  readonly headers: ReadonlyMap<string, string>;
  /** To be read to its end; fails unless it ends as it must. */
  readonly body: ByteStream;
  /** How many bytes of the answer stand before the body. */
  readonly headBytes: number;
}

/** Whether another part follows a delimiter. After `next` the window begins with the end of the delimiter's line. */
type Ending = 'next' | 'close';

const CRLF = Buffer.from('\r\n');
/** RFC 2046 §5.1.1: 1 to 70 of these characters, the last no space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/;
const MAX_OUTSIDE_BYTES = 4 * 1024;
const MAX_JSON_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 20;
/** White space after a delimiter. */
const MAX_PADDING = 32;

/** The boundary that a Content-Type of multipart/mixed names. Fails with FETCH_FAILED if it names none that may be. */
export function boundaryOf(contentType: string): string {
  const boundary = parseParameters(contentType).parameters.get('boundary') ?? '';
  if (!BOUNDARY.test(boundary)) throw malformed('its boundary is none');
  return boundary;
}

/**
 * Reads `multipart/mixed` of exactly two parts (server-server API, “Content Repository”; RFC 2046 §5.1) up to the body of the
 * second: the first must be a JSON object, of which nothing is used. Takes every dialect that servers are known to speak. Fails
 * with FETCH_FAILED.
 */
export async function openMultipart(source: ByteStream, boundary: string): Promise<MediaPart> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // the first delimiter needs no line before it
  const window = new ByteWindow(source, CRLF);
  const preamble = await collect(untilDelimiter(window, delimiter), MAX_OUTSIDE_BYTES);
  if (preamble.ending === 'close') throw malformed('it has no parts');
  checkFirst(await readHeaders(window));
  const first = await collect(partBody(window, delimiter), MAX_JSON_BYTES);
  if (first.ending === 'close') throw malformed('it has one part');
  checkJson(first.bytes);
  const headers = await readHeaders(window);
  // the line end that was put before all stands for the one that is still there, after the headers
  return { headers, body: lastBody(window, delimiter), headBytes: window.takenBytes };
}

async function* lastBody(window: ByteWindow, delimiter: Buffer): AsyncGenerator<Uint8Array> {
  const ending = yield* partBody(window, delimiter);
  // the proposal's own example ends with a delimiter that is not closed
  const isEnd = await window.endsWithin(ending === 'close' ? MAX_OUTSIDE_BYTES : CRLF.byteLength);
  if (!isEnd) throw malformed('it goes on after its second part');
}

async function* partBody(window: ByteWindow, delimiter: Buffer): AsyncGenerator<Uint8Array, Ending> {
  while (window.bytes.byteLength < delimiter.byteLength && (await window.fill()));
  // the empty line after the headers may be the one before a delimiter at the same time
  const ending = window.bytes.indexOf(delimiter) === 0 ? await readEnding(window, delimiter) : undefined;
  if (ending !== undefined) return ending;
  window.take(CRLF.byteLength);
  return yield* untilDelimiter(window, delimiter);
}

/** Yields what comes before the next delimiter, in time linear to its length whatever it holds. */
async function* untilDelimiter(window: ByteWindow, delimiter: Buffer): AsyncGenerator<Uint8Array, Ending> {
  for (;;) {
    const at = window.bytes.indexOf(delimiter);
    const sure = at === -1 ? window.bytes.byteLength - delimiter.byteLength + 1 : at;
    if (sure > 0) yield window.take(sure);
    if (at === -1) {
      if (!(await window.fill())) throw malformed('it ends before its closing boundary');
      continue;
    }
    const ending = await readEnding(window, delimiter);
    if (ending !== undefined) return ending;
    // what only begins like a delimiter cannot hold the beginning of one
    yield window.take(delimiter.byteLength);
  }
}

/** How the delimiter that the window begins with ends; `undefined` if it is none. */
async function readEnding(window: ByteWindow, delimiter: Buffer): Promise<Ending | undefined> {
  for (;;) {
    const rest = window.bytes.toString('latin1', delimiter.byteLength, delimiter.byteLength + MAX_PADDING + CRLF.byteLength);
    const [padding = ''] = /^[ \t]*/.exec(rest) ?? [];
    const isNext = rest.startsWith('\r\n', padding.length);
    const isClose = rest.startsWith('--');
    if (isNext || isClose) {
      window.take(delimiter.byteLength + (isClose ? 2 : padding.length));
      return isClose ? 'close' : 'next';
    }
    if (rest.length > MAX_PADDING || !/^(-|[ \t]*\r?)$/.test(rest)) return undefined;
    if (await window.fill()) continue;
    if (padding !== rest) return undefined;
    window.take(window.bytes.byteLength);
    return 'close';
  }
}

/** Reads headers, and leaves the empty line after them. */
async function readHeaders(window: ByteWindow): Promise<ReadonlyMap<string, string>> {
  let end = window.bytes.indexOf('\r\n\r\n');
  while (end === -1 && window.bytes.byteLength <= MAX_HEADER_BYTES && (await window.fill())) end = window.bytes.indexOf('\r\n\r\n');
  if (end === -1 || end > MAX_HEADER_BYTES) throw malformed('the headers of a part do not end');
  const text = window.take(end + CRLF.byteLength).toString('latin1').replace(/\r\n[ \t]+/g, ' ');
  const lines = text.split('\r\n').filter((line) => line !== '');
  if (lines.length > MAX_HEADERS) throw malformed(`a part has ${lines.length} headers`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) throw malformed('a header of a part is none');
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value.trim());
  }
  return headers;
}

async function collect(body: AsyncGenerator<Uint8Array, Ending>, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly ending: Ending }> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const next = await body.next();
    if (next.done === true) return { bytes: Buffer.concat(chunks), ending: next.value };
    sizeBytes += next.value.byteLength;
    if (sizeBytes > maxBytes) throw malformed(`there are more than ${maxBytes} bytes before its media`);
    chunks.push(next.value);
  }
}

function checkFirst(headers: ReadonlyMap<string, string>): void {
  if (parseParameters(headers.get('content-type') ?? '').essence !== 'application/json') throw malformed('its first part is not JSON');
}

function checkJson(bytes: Buffer): void {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  } catch {
    // said below
  }
  throw malformed('its first part is not a JSON object');
}

function malformed(detail: string): Error {
  return fetchFailed(`The multipart answer is malformed: ${detail}`);
}
