import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import { deleteMedia } from '../../usecases/bulk/delete-matching.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct } from './answer.ts';
import { findKey } from './find-key.ts';
import { requireOwnServer } from './own-media.ts';

/** `DELETE /_synapse/admin/v1/media/{serverName}/{mediaId}`: of local media, also where it is quarantined or protected. */
export async function deleteMediaById(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, tenant, params: { serverName } } = exchange;
  requireOwnServer(tenant, serverName);
  const key = findKey(gateway, exchange);
  const deleted = await deleteMedia(gateway, key === undefined ? [] : [key], toAct(exchange, 'by id'));
  if (deleted.length === 0) throw new MediaError('NOT_FOUND', 'Unknown media');
  answerJson(context, { deleted_media: deleted.map(({ mediaId }) => mediaId), total: deleted.length });
}
