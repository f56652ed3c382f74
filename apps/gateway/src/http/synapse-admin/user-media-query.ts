import { MediaError } from '@medley/domain/media-error';
import { MediaOrder } from '@medley/proto/metadata/catalog';
import type { MediaFilter } from '@medley/proto/metadata/catalog';
import type { AuthenticatedExchange } from '../exchange.ts';
import { mediaOfUser } from './own-media.ts';
import { parseIsDescending, parseWindow, parseWord, requireServerOfUser } from './query.ts';

const ORDERS = {
  media_id: MediaOrder.MEDIA_ID,
  upload_name: MediaOrder.UPLOAD_NAME,
  created_ts: MediaOrder.CREATED_AT,
  last_access_ts: MediaOrder.LAST_ACCESS,
  media_length: MediaOrder.SIZE,
  media_type: MediaOrder.CONTENT_TYPE,
  quarantined_by: MediaOrder.QUARANTINED_BY,
  safe_from_quarantine: MediaOrder.PROTECTED,
} as const;
const ORDER_NAMES = ['media_id', 'upload_name', 'created_ts', 'last_access_ts', 'media_length', 'media_type', 'quarantined_by', 'safe_from_quarantine'] as const;

/** Which media of which user are asked for, and in which order. */
export interface UserMediaQuery {
  readonly userId: string;
  readonly filter: MediaFilter;
  readonly order: MediaOrder;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Reads what the calls about one user's media have in common. Throws INVALID_PARAM, and BAD_REQUEST for users of other servers. */
export function parseUserMediaQuery({ tenant, params: { userId = '' }, query }: AuthenticatedExchange): UserMediaQuery {
  if (requireServerOfUser(userId) !== tenant.serverName) throw new MediaError('BAD_REQUEST', 'Can only look up local users');
  return { userId, filter: mediaOfUser(tenant, userId), ...parseWindow(query), ...parseSorting(query) };
}

/** Newest first, unless anything is said; then by time of creation, and forwards. */
function parseSorting(query: URLSearchParams): { order: MediaOrder; descending: boolean } {
  if (!query.has('order_by') && !query.has('dir')) return { order: MediaOrder.CREATED_AT, descending: true };
  return { order: ORDERS[parseWord(query, 'order_by', ORDER_NAMES, 'created_ts')], descending: parseIsDescending(query) };
}
