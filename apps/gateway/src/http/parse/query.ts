import { MediaError } from '@medley/domain/media-error';

const DEFAULT_TIMEOUT_MS = 20_000;

/** `timeout_ms` of a download: how long to wait for a pending upload, at most `maxMs`. Throws INVALID_PARAM. */
export function parseTimeoutMs(query: URLSearchParams, maxMs: number): number {
  const text = query.get('timeout_ms');
  if (text === null || text === '') return Math.min(DEFAULT_TIMEOUT_MS, maxMs);
  if (!/^[0-9]{1,15}$/.test(text)) throw new MediaError('INVALID_PARAM', 'timeout_ms must be a whole number of milliseconds');
  return Math.min(Number(text), maxMs);
}

/** A boolean parameter; absent is `fallback`. Throws INVALID_PARAM. */
export function parseBoolean(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name);
  if (text === null) return fallback;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new MediaError('INVALID_PARAM', `${name} must be true or false`);
}

/** A parameter that must be given. Throws MISSING_PARAM. */
export function requireParam(query: URLSearchParams, name: string): string {
  const text = query.get(name);
  if (text === null || text === '') throw new MediaError('MISSING_PARAM', `Missing parameter: ${name}`);
  return text;
}

/** A text parameter, the first of its name; absent is `undefined`. Throws INVALID_PARAM for what is not UTF-8, which URLSearchParams would replace. */
export function parseText(querystring: string, name: string): string | undefined {
  const pair = querystring.split('&').find((one) => one.split('=', 1)[0] === name);
  if (pair === undefined) return undefined;
  try {
    return decodeURIComponent(pair.slice(name.length + 1).replaceAll('+', ' '));
  } catch (error) {
    throw new MediaError('INVALID_PARAM', `${name} is not percent-encoded UTF-8`, { cause: error });
  }
}

/** `ts` of a URL preview, in Unix milliseconds; absent is `undefined`. Throws INVALID_PARAM. */
export function parseTs(query: URLSearchParams): number | undefined {
  const text = query.get('ts');
  if (text === null || text === '') return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw new MediaError('INVALID_PARAM', 'ts must be a whole number of milliseconds');
  return Number(text);
}
