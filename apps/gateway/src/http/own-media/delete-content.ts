import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { deleteOwnMedia } from '../../usecases/delete-own-media.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from '../medley/answer.ts';
import { requirePart } from '../parse/path.ts';

/** `DELETE /_matrix/media/unstable/download/{serverName}/{mediaId}` (MSC2278) */
export async function deleteContent(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const uri = parseMxcParts(requirePart(exchange.params, 'serverName'), requirePart(exchange.params, 'mediaId'));
  await deleteOwnMedia(gateway, exchange, uri);
  answer(exchange, {});
}
