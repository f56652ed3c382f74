import { parseMxcParts, toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { findMedia } from '../../usecases/find-media.ts';
import { getImageInfo } from '../../usecases/get-image-info.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { fetchForUser } from '../parse/fetch-for.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';

/** `GET /_medley/v1/media/{serverName}/{mediaId}/info`: what is known of media, and of the image that it is. */
export async function getMediaInfo(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, params, query, signal } = exchange;
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const fetchFor = fetchForUser(exchange, gateway.config.downloads.max_remote_bytes);
  const { media: { content } } = await findMedia(gateway, { uri, waitMs, isAuthenticated: true, fetchFor }, signal);
  const image = await getImageInfo(gateway, content.digest, signal);
  context.set('Cache-Control', 'no-store');
  context.body = {
    content_uri: toMxcText(uri),
    content_type: content.contentType,
    size: content.sizeBytes,
    sha256: content.digest,
    image: image && {
      content_type: image.contentType,
      width: image.width,
      height: image.height,
      frame_count: image.frameCount,
      blurhash: image.blurhash,
      thumbhash: Buffer.from(image.thumbhash).toString('base64'),
    },
  };
}
