import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { uploadToMedia } from '../../usecases/upload-media.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { parseUpload } from '../parse/upload.ts';

/** `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}` */
export async function uploadContentToMxc(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { tenant, params } = exchange;
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  if (uri.origin !== tenant.serverName) throw new MediaError('NOT_FOUND', 'This media ID was not made here');
  await uploadToMedia(gateway, exchange, uri, () => parseUpload(exchange, gateway));
  exchange.context.body = {};
}
