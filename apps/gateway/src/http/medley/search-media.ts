import { MediaError } from '@medley/domain/media-error';
import { MediaOrder } from '@medley/proto/metadata/catalog';
import type { Gateway } from '../../gateway.ts';
import { countSelected, listSelected, type Sorting } from '../../usecases/selection/list-selected.ts';
import { oneOf, parseSelection, type Selection } from '../../usecases/selection/parse-selection.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { parseBoolean } from '../parse/query.ts';
import { answer } from './answer.ts';
import { isDescending, parsePage } from './parse-page.ts';
import { recordToJson } from './to-json.ts';

const ORDERS = {
  created_at: MediaOrder.CREATED_AT,
  last_access: MediaOrder.LAST_ACCESS,
  size: MediaOrder.SIZE,
  content_type: MediaOrder.CONTENT_TYPE,
  upload_name: MediaOrder.UPLOAD_NAME,
  media_id: MediaOrder.MEDIA_ID,
  quarantined_by: MediaOrder.QUARANTINED_BY,
  protected: MediaOrder.PROTECTED,
} as const;

/** `GET /_medley/v1/media`: the media that a filter lets through. */
export function searchMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return answerSearch(exchange, gateway, parseSelection((name) => exchange.query.getAll(name)));
}

/** `GET /_medley/v1/quarantined`: the same of what is quarantined. */
export function listQuarantined(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { filter, roomId } = parseSelection((name) => exchange.query.getAll(name));
  return answerSearch(exchange, gateway, { filter: { ...filter, quarantined: true }, roomId });
}

async function answerSearch(exchange: AuthenticatedExchange, gateway: Gateway, selection: Selection): Promise<void> {
  const { tenant, query, signal } = exchange;
  const wantsTotal = parseBoolean(query, 'total', false);
  const listing = { tenant, selection, page: parsePage(query) };
  const sorting = parseSorting(query);
  if (selection.roomId !== undefined && (wantsTotal || query.has('order_by') || query.has('dir'))) {
    throw new MediaError('INVALID_PARAM', 'A room has an order of its own, and no total: newest event first');
  }
  const { records, next } = await listSelected(gateway, listing, sorting, signal);
  const total = wantsTotal ? await countSelected(gateway, listing, signal) : undefined;
  answer(exchange, { media: records.map(recordToJson), next, total });
}

function parseSorting(query: URLSearchParams): Sorting {
  return { order: oneOf('order_by', ORDERS, query.get('order_by') ?? 'created_at'), descending: isDescending(query) };
}
