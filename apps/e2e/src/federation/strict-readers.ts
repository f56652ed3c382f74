import assert from 'node:assert/strict';

/** A file as another server would take it from our answer. */
export interface ReadFile {
  readonly contentType: string | undefined;
  readonly disposition: string | undefined;
  readonly bytes: Buffer;
}

export type StrictReader = (contentType: string, body: Buffer) => ReadFile;

interface Part {
  /** In order, as they stand there. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

/**
 * How deployed servers read media of others, each as strictly as the strictest version of it that is still about (N54).
 * They fail at the first thing that these would stumble over.
 */
export const STRICT_READERS: Readonly<Record<string, StrictReader>> = { 'Synapse': readAsSynapse, 'Dendrite': readAsDendrite, 'Conduit': readAsRuma };

/** Synapse before 1.114: what follows `boundary=` is the boundary; it looks at the first header's value alone to know the JSON part, and at names in title case. */
function readAsSynapse(contentType: string, body: Buffer): ReadFile {
  const [, boundary = '', ...more] = contentType.split('boundary=');
  assert.equal(more.length, 0);
  // its parser passes over line ends before the first boundary, and needs the last one
  const from = body.findIndex((byte) => byte !== 13 && byte !== 10);
  const [json, file] = readParts(body.subarray(from), `--${boundary}`, `\r\n--${boundary}`);
  assert.deepEqual(json.headers.map(([, value]) => value), ['application/json']);
  assert.deepEqual(JSON.parse(json.body.toString()), {});
  return { ...fileOf(file, (name) => name), bytes: file.body };
}

/** Dendrite, by Go's mime packages: the type must parse, and the JSON part's be just this. */
function readAsDendrite(contentType: string, body: Buffer): ReadFile {
  const [, boundary] = /^multipart\/mixed; *boundary=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]{1,70})|"[^"]{1,70}")$/.exec(contentType) ?? [];
  assert.ok(boundary !== undefined, contentType);
  // a first line that is empty is a preamble
  const from = body.indexOf(`--${boundary}\r\n`);
  assert.ok(from === 0 || body.toString('latin1', from - 2, from) === '\r\n');
  const [json, file] = readParts(body.subarray(from), `--${boundary}`, `\r\n--${boundary}`);
  assert.equal(new Map(json.headers.map(([name, value]) => [name.toLowerCase(), value])).get('content-type'), 'application/json');
  assert.equal(typeof JSON.parse(json.body.toString()), 'object');
  return { ...fileOf(file, (name) => name.toLowerCase()), bytes: file.body };
}

/** Ruma before 0.11: nothing may stand before the first boundary but its line end, which must. */
function readAsRuma(contentType: string, body: Buffer): ReadFile {
  const boundary = contentType.split('boundary=')[1] ?? '';
  assert.ok(boundary !== '' && !boundary.startsWith('"'));
  const [, file] = readParts(body, `\r\n--${boundary}`, `\r\n--${boundary}`);
  assert.ok(file.headers.some(([name]) => name.toLowerCase() === 'content-type'));
  return { ...fileOf(file, (name) => name.toLowerCase()), bytes: file.body };
}

/** Reads just two parts and the end, with nothing before, between or after them. */
function readParts(body: Buffer, opening: string, delimiter: string): readonly [Part, Part] {
  assert.equal(body.toString('latin1', 0, opening.length), opening);
  const parts: Part[] = [];
  let at = opening.length;
  while (body.toString('latin1', at, at + 2) === '\r\n') {
    const end = body.indexOf(delimiter, at);
    assert.ok(end >= 0, 'a part has no end');
    parts.push(readPart(body.subarray(at + 2, end)));
    at = end + delimiter.length;
  }
  assert.equal(body.toString('latin1', at), '--\r\n');
  const [json, file, ...more] = parts;
  assert.ok(json !== undefined && file !== undefined && more.length === 0, `${parts.length} parts`);
  return [json, file];
}

function readPart(bytes: Buffer): Part {
  const end = bytes.indexOf(HEAD_END);
  assert.ok(end > 0, 'a part has no headers');
  const headers = bytes.toString('latin1', 0, end).split('\r\n').map((line) => {
    const [, name, value] = /^([A-Za-z-]+): (\S.*)$/.exec(line) ?? [];
    assert.ok(name !== undefined && value !== undefined, line);
    return [name, value] as const;
  });
  return { headers, body: bytes.subarray(end + HEAD_END.length) };
}

function fileOf({ headers }: Part, toKnown: (name: string) => string): Pick<ReadFile, 'contentType' | 'disposition'> {
  const [type, disposition, location] = ['Content-Type', 'Content-Disposition', 'Location'].map((wanted) => headers.find(([name]) => toKnown(name) === toKnown(wanted))?.[1]);
  assert.equal(location, undefined);
  return { contentType: type, disposition };
}
