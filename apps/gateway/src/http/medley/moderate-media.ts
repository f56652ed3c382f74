import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { moderate, type ModerationAction } from '../../usecases/moderate.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';
import { requireMedia } from './get-media.ts';
import { noSuchMedia, parseVisibleKey } from './parse-key.ts';
import { parseReason } from './parse-page.ts';
import { recordToJson } from './to-json.ts';
import { readOrder } from './read-order.ts';

/** `POST /_medley/v1/media/{serverName}/{mediaId}/quarantine`: hides it, and all media with its bytes, now and later. Protected media stays as it is. */
export const quarantineMedia = moderation('quarantine');
/** `POST …/release`: ends that. */
export const releaseMedia = moderation('release');
/** `POST …/protect`: keeps it from quarantine and from all that deletes by rule. */
export const protectMedia = moderation('protect');
/** `POST …/unprotect`: ends that. */
export const unprotectMedia = moderation('unprotect');
/** `POST …/restore`: takes it out of the trash. */
export const restoreMedia = moderation('restore');

/** `DELETE /_medley/v1/media/{serverName}/{mediaId}`: local or remote, whatever its standing. */
export async function deleteMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const at = Date.now();
  const { origin } = await carryOut(exchange, gateway, 'delete', parseReason(exchange.query.get('reason')));
  const trashMs = gateway.config.trashOf(origin);
  answer(exchange, { restorable_until: trashMs === 0 ? null : at + trashMs });
}

/** Does one thing to one media, for a reason that the body may give, and answers with the media as it is then. */
function moderation(action: ModerationAction) {
  return async (exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> => {
    const { reason } = await readOrder(exchange, gateway, ['reason']);
    const uri = await carryOut(exchange, gateway, action, parseReason(reason));
    answer(exchange, recordToJson(await requireMedia(gateway, uri, exchange.signal)));
  };
}

async function carryOut(exchange: AuthenticatedExchange, gateway: Gateway, action: ModerationAction, reason: string | undefined) {
  const { requester, signal } = exchange;
  const uri = parseVisibleKey(exchange, gateway);
  // A quarantine would be taken for media that is not there as well; that is what bans are for.
  if (action === 'quarantine' || action === 'release') await requireMedia(gateway, uri, signal);
  const taken = await moderate(gateway, { action, keys: [uri], by: requester.userId, reason }, signal);
  if (!taken.has(toMxcText(uri))) throw noSuchMedia();
  return uri;
}
