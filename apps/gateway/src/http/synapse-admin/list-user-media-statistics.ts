import { MediaError } from '@medley/domain/media-error';
import { UserStatisticsOrder } from '@medley/proto/metadata/catalog';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toNextToken } from './answer.ts';
import { parseInteger, parseIsDescending, parseWindow, parseWord } from './query.ts';

/** Nobody here knows display names. */
const ORDERS = {
  media_length: UserStatisticsOrder.MEDIA_BYTES,
  media_count: UserStatisticsOrder.MEDIA_COUNT,
  user_id: UserStatisticsOrder.USER_ID,
  displayname: UserStatisticsOrder.USER_ID,
} as const;
const TIMEOUT_MS = 60_000;
/** A larger `limit` is taken as this; `next_token` says that there is more. */
const MAX_ROWS = 1000;

/** `GET /_synapse/admin/v1/statistics/users/media`: how much each user of this server has uploaded. */
export async function listUserMediaStatistics({ context, tenant, query, signal }: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const order = ORDERS[parseWord(query, 'order_by', ['media_length', 'media_count', 'user_id', 'displayname'], 'user_id')];
  const { offset, limit: asked } = parseWindow(query);
  const limit = Math.min(asked, MAX_ROWS);
  const request = { origin: tenant.serverName, order, offset, limit, ...parsePeriod(query), search: parseSearchTerm(query), descending: parseIsDescending(query) };
  const answer = await gateway.services.metadata.listUserStatistics(request, { signal, timeoutMs: TIMEOUT_MS });
  const users = answer.users.map(({ userId, mediaCount, mediaBytes }) => ({ user_id: userId, displayname: null, media_count: mediaCount, media_length: mediaBytes }));
  answerJson(context, { users, total: answer.totalCount, ...toNextToken(request, users.length, answer.totalCount) });
}

function parsePeriod(query: URLSearchParams): { fromMs: number; untilMs: number | undefined } {
  const fromMs = parseInteger(query, 'from_ts', 0);
  const untilMs = parseInteger(query, 'until_ts', undefined);
  if (untilMs === undefined || untilMs > fromMs) return { fromMs, untilMs };
  throw new MediaError('INVALID_PARAM', 'Query parameter until_ts must be greater than from_ts.');
}

function parseSearchTerm(query: URLSearchParams): string | undefined {
  const term = query.get('search_term') ?? undefined;
  if (term === '') throw new MediaError('INVALID_PARAM', 'Query parameter search_term cannot be an empty string.');
  return term;
}
