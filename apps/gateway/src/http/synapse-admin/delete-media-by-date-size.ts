import { MediaOrder } from '@medley/proto/metadata/catalog';
import { MediaState } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { deleteMatching } from '../../usecases/bulk/delete-matching.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct, toIncomplete } from './answer.ts';
import { mediaOf, requireOwnServer } from './own-media.ts';
import { parseBeforeTs, parseFlag, parseInteger } from './query.ts';

/**
 * `POST /_synapse/admin/v1/media/delete`, and its old form `/media/{serverName}/delete`: local media that nobody has asked for since `before_ts`
 * and that is larger than `size_gt`. What is quarantined or protected stays, and avatars unless `keep_profiles=false`.
 */
export async function deleteMediaByDateSize(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, tenant, params, query } = exchange;
  const unusedSinceMs = parseBeforeTs(query);
  const sizeBytes = parseInteger(query, 'size_gt', 0);
  const keepsAvatars = parseFlag(query, 'keep_profiles', true);
  requireOwnServer(tenant, params['serverName']);
  const standing = { state: MediaState.AVAILABLE, quarantined: false, protected: false };
  // what is unused since then was created before; in this order each batch is read where the one before has ended
  const times = { unusedSinceMs, createdBeforeMs: unusedSinceMs };
  const filter = { ...mediaOf(tenant), ...standing, ...times, minSizeBytes: Math.min(sizeBytes + 1, Number.MAX_SAFE_INTEGER) };
  const act = toAct(exchange, `before_ts=${unusedSinceMs} size_gt=${sizeBytes}`);
  const { keys, isComplete } = await deleteMatching(gateway, { filter, order: MediaOrder.CREATED_AT, keepsAvatars }, act);
  answerJson(context, { deleted_media: keys.map(({ mediaId }) => mediaId), total: keys.length, ...toIncomplete(isComplete) });
}
