import { MediaError } from '@medley/domain/media-error';
import type { Page } from '../../usecases/selection/list-selected.ts';
import { oneOf, parseWhole } from '../../usecases/selection/parse-selection.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const MAX_REASON_LENGTH = 1000;

/** `limit` and `from` of every list. Throws INVALID_PARAM. */
export function parsePage(query: URLSearchParams): Page {
  return { limit: parseLimit(query), after: query.get('from') ?? undefined };
}

/** `dir`: `b`, backward, is what every list does that is not told otherwise: the newest, the largest first. Throws INVALID_PARAM. */
export function isDescending(query: URLSearchParams): boolean {
  return oneOf('dir', { f: false, b: true }, query.get('dir') ?? 'b');
}

/** Why an admin does something. Throws INVALID_PARAM. */
export function parseReason(reason: unknown): string | undefined {
  if (reason === undefined || reason === null || reason === '') return undefined;
  if (typeof reason !== 'string' || reason.length > MAX_REASON_LENGTH) throw new MediaError('INVALID_PARAM', `reason must be text of at most ${MAX_REASON_LENGTH} characters`);
  return reason;
}

function parseLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  const limit = text === null ? DEFAULT_LIMIT : parseWhole('limit', text);
  if (limit < 1 || limit > MAX_LIMIT) throw new MediaError('INVALID_PARAM', `limit must be from 1 to ${MAX_LIMIT}`);
  return limit;
}
