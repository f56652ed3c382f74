import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import { findRecords } from '../../usecases/selection/list-selected.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson } from './answer.ts';
import { findKey } from './find-key.ts';
import { toMediaInfo } from './media-json.ts';

/** `GET /_synapse/admin/v1/media/{serverName}/{mediaId}`: what is known of media that is here; nothing is fetched. */
export async function queryMediaById(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const key = findKey(gateway, exchange);
  const [record] = await findRecords(gateway, key === undefined ? [] : [key], exchange.signal);
  if (record === undefined) throw new MediaError('NOT_FOUND', 'Unknown media');
  answerJson(exchange.context, { media_info: toMediaInfo(record, gateway) });
}
