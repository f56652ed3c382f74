import { MediaError } from '@medley/domain/media-error';

/** Before it a time can't be meant in milliseconds: it is in December 1970. */
const LEAST_BEFORE_MS = 30_000_000_000;

/** A whole number that is not negative; absent is `fallback`. Throws INVALID_PARAM in Synapse's words. */
export function parseInteger<Fallback>(query: URLSearchParams, name: string, fallback: Fallback): number | Fallback {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^\s*[+-]?[0-9]+\s*$/.test(text)) throw invalid(`Query parameter ${name} must be an integer`);
  const value = Number(text);
  // Synapse says so of 0, too, but takes it
  if (value < 0) throw invalid(`Query parameter ${name} must be a positive integer.`);
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** `true` or `false`; absent is `fallback`. Throws INVALID_PARAM in Synapse's words. */
export function parseFlag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name) ?? String(fallback);
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(`Boolean query parameter '${name}' must be one of ['true', 'false']`);
}

/** One of some words; absent is `fallback`. Throws INVALID_PARAM in Synapse's words. */
export function parseWord<Word extends string>(query: URLSearchParams, name: string, words: readonly Word[], fallback: Word): Word {
  const text = query.get(name) ?? fallback;
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw invalid(`Query parameter '${name}' must be one of [${words.map((one) => `'${one}'`).join(', ')}]`);
}

/** `dir`: `f` or `b`. Throws INVALID_PARAM. */
export function parseIsDescending(query: URLSearchParams): boolean {
  return parseWord(query, 'dir', ['f', 'b'], 'f') === 'b';
}

/** `before_ts`, in Unix milliseconds; must be given. Throws MISSING_PARAM, and INVALID_PARAM for what can only have been meant in seconds. */
export function parseBeforeTs(query: URLSearchParams): number {
  const beforeMs = parseInteger(query, 'before_ts', undefined);
  if (beforeMs === undefined) throw new MediaError('MISSING_PARAM', 'Missing required integer query parameter before_ts');
  if (beforeMs >= LEAST_BEFORE_MS) return beforeMs;
  throw invalid('Query parameter before_ts you provided is from the year 1970. Double check that you are providing a timestamp in milliseconds.');
}

/** Which rows of a long list are asked for: `from` (how many to pass over) and `limit`. Throws INVALID_PARAM. */
export function parseWindow(query: URLSearchParams): { readonly offset: number; readonly limit: number } {
  return { offset: parseInteger(query, 'from', 0), limit: parseInteger(query, 'limit', 100) };
}

/** The server name of a user id in the path. Throws INVALID_PARAM in Synapse's words. */
export function requireServerOfUser(userId: string): string {
  if (!userId.startsWith('@')) throw invalid("Expected UserID string to start with '@'");
  const colon = userId.indexOf(':');
  if (colon === -1) throw invalid("Expected UserID of the form '@localname:domain'");
  return userId.slice(colon + 1);
}

function invalid(message: string): MediaError {
  return new MediaError('INVALID_PARAM', message);
}
