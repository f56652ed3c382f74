import type { Gateway } from '../../gateway.ts';
import { deleteMatching } from '../../usecases/bulk/delete-matching.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct, toIncomplete } from './answer.ts';
import { requireKnownUser } from './require-known-user.ts';
import { parseUserMediaQuery } from './user-media-query.ts';

/**
 * `DELETE /_synapse/admin/v1/users/{userId}/media`: what the same GET would list, also where it is quarantined or protected. Again until
 * `total` is 0, as with Synapse.
 */
export async function deleteUserMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { userId, ...asked } = parseUserMediaQuery(exchange);
  const { keys, isComplete } = await deleteMatching(gateway, { ...asked, keepsAvatars: false }, toAct(exchange, `user ${userId}`));
  if (keys.length === 0) await requireKnownUser(exchange, userId);
  answerJson(exchange.context, { deleted_media: keys.map(({ mediaId }) => mediaId), total: keys.length, ...toIncomplete(isComplete) });
}
