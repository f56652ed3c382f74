import { MediaOrder } from '@medley/proto/metadata/catalog';
import { MediaKind } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { deleteMatching } from '../../usecases/bulk/delete-matching.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct, toIncomplete } from './answer.ts';
import { parseBeforeTs } from './query.ts';

/**
 * `POST /_synapse/admin/v1/purge_media_cache`: copies of other servers' media that nobody has asked for since `before_ts`. What is quarantined
 * or protected stays.
 */
export async function purgeMediaCache(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const unusedSinceMs = parseBeforeTs(exchange.query);
  const filter = { kinds: [MediaKind.REMOTE], origins: [], userIds: [], quarantined: false, protected: false, unusedSinceMs };
  const act = toAct(exchange, `purge before_ts=${unusedSinceMs}`);
  const { keys, isComplete } = await deleteMatching(gateway, { filter, order: MediaOrder.LAST_ACCESS, keepsAvatars: false }, act);
  answerJson(exchange.context, { deleted: keys.length, ...toIncomplete(isComplete) });
}
