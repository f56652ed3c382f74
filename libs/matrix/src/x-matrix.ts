import { MediaError } from '@medley/domain/media-error';
import { isServerName } from '@medley/domain/server-name';
import type { JsonObject } from './sign-json.ts';

/** What one Authorization header of the scheme X-Matrix says (server-server API, “Request Authentication”). */
export interface XMatrix {
  readonly origin: string;
  /** Absent from servers older than v1.3. */
  readonly destination?: string | undefined;
  readonly keyId: string;
  /** In base64. */
  readonly signature: string;
}

/** A request without a body, as its signature sees it. */
export interface MatrixRequest {
  readonly method: string;
  /** The target exactly as on the request line. */
  readonly uri: string;
  readonly origin: string;
  readonly destination: string;
}

/** More would cost a look-up of keys for each. */
const MAX_HEADERS = 8;
const MAX_LENGTH = 4096;
const SCHEME = /^x-matrix +/i;
/** One parameter and the comma or the end behind it. A value without quotes may hold colons, which tokens may not. */
const PARAMETER = /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",\\]+))[ \t]*(?:,|$)/suy;

/** The object whose signature authenticates the request. Media are fetched without a body, so it has no content. */
export function requestObject({ method, uri, origin, destination }: MatrixRequest): JsonObject {
  return { method, uri, origin, destination };
}

/** The header as every receiver can read it: one space, small letters, quotes, nothing escaped. Throws a TypeError if a value cannot be written so. */
export function formatXMatrix({ origin, destination, keyId, signature }: Required<XMatrix>): string {
  const values = Object.entries({ origin, destination, key: keyId, sig: signature });
  if (values.some(([, value]) => value === undefined || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))) throw new TypeError('A value of X-Matrix would have to be escaped');
  return `X-Matrix ${values.map(([name, value]) => `${name}="${value}"`).join(',')}`;
}

/**
 * Reads the values of all Authorization headers of a request, as tolerantly as the specification asks, and passes over other
 * schemes. There is at least one, and all name the same origin. Throws UNAUTHORIZED otherwise.
 */
export function parseXMatrixHeaders(headers: readonly string[]): readonly [XMatrix, ...XMatrix[]] {
  const [first, ...more] = headers.filter((header) => SCHEME.test(header)).map(parseXMatrix);
  if (first === undefined) throw new MediaError('UNAUTHORIZED', 'Missing Authorization headers');
  if (more.length >= MAX_HEADERS) throw malformed('there are too many');
  if (more.some(({ origin }) => origin !== first.origin)) throw malformed('they name different origins');
  return [first, ...more];
}

function parseXMatrix(header: string): XMatrix {
  if (header.length > MAX_LENGTH) throw malformed('it is too long');
  const parameters = parseParameters(header.replace(SCHEME, ''));
  const [origin, keyId, signature] = ['origin', 'key', 'sig'].map((name) => parameters.get(name));
  if (origin === undefined || keyId === undefined || signature === undefined) throw malformed('origin, key or sig is missing');
  if (!isServerName(origin)) throw malformed('the origin is not a server name');
  return { origin, destination: parameters.get('destination'), keyId, signature };
}

function parseParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pattern = new RegExp(PARAMETER);
  while (pattern.lastIndex < text.length) {
    const [, name = '', quoted, bare = ''] = pattern.exec(text) ?? [];
    if (name === '') throw malformed('a parameter cannot be read');
    if (parameters.has(name.toLowerCase())) throw malformed('a parameter is given twice');
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/gs, '$1') ?? bare);
  }
  return parameters;
}

function malformed(what: string): MediaError {
  return new MediaError('UNAUTHORIZED', `Malformed Authorization header: ${what}`);
}
