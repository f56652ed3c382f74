import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toNextToken } from './answer.ts';
import { toUserMedia } from './media-json.ts';
import { requireKnownUser } from './require-known-user.ts';
import { parseUserMediaQuery } from './user-media-query.ts';

const TIMEOUT_MS = 30_000;
/** A larger `limit` is taken as this; `next_token` says that there is more. */
const MAX_ROWS = 1000;

/** `GET /_synapse/admin/v1/users/{userId}/media`: with what waits for its bytes, and the images of URL previews. */
export async function listUserMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { userId, ...asked } = parseUserMediaQuery(exchange);
  const request = { ...asked, limit: Math.min(asked.limit, MAX_ROWS), withTotal: true };
  const { records, totalCount: total = 0 } = await gateway.services.metadata.listMedia(request, { signal: exchange.signal, timeoutMs: TIMEOUT_MS });
  if (total === 0) await requireKnownUser(exchange, userId);
  const media = records.map((record) => toUserMedia(record, gateway));
  answerJson(exchange.context, { media, total, ...toNextToken(request, media.length, total) });
}
