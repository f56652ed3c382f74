import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { findMedia, type FoundMedia } from '../../usecases/find-media.ts';
import { getThumbnail } from '../../usecases/get-thumbnail.ts';
import { openThumbnail } from '../../usecases/open-thumbnail.ts';
import type { Exchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { parseThumbnailSpec } from '../parse/thumbnail-spec.ts';
import { PRIVATE_FOREVER, sendMedia } from '../respond/media-response.ts';

/** `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}` */
export function getContentThumbnail(exchange: Exchange, gateway: Gateway): Promise<void> {
  return answerThumbnail(exchange, gateway, true);
}

/** The same at its deprecated place, without a token: `GET /_matrix/media/v3/thumbnail/…`. */
export function getContentThumbnailLegacy(exchange: Exchange, gateway: Gateway): Promise<void> {
  return answerThumbnail(exchange, gateway, false);
}

async function answerThumbnail(exchange: Exchange, gateway: Gateway, isAuthenticated: boolean): Promise<void> {
  const { context, params, query, signal } = exchange;
  context.vary('Accept');
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const spec = parseThumbnailSpec(query, context.req.headers.accept);
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const find = (): Promise<FoundMedia> => findMedia(gateway, { uri, waitMs, isAuthenticated }, signal);
  const { media, sighting } = await find();
  const thumbnail = await getThumbnail(gateway, media, spec, signal);
  const answer = {
    ...thumbnail,
    disposition: `inline; filename=${fileName(thumbnail.contentType)}`,
    cacheControl: PRIVATE_FOREVER,
    sighting,
    findAgain: find,
  };
  await sendMedia(exchange, { ...answer, open: (range) => openThumbnail(gateway, thumbnail, range, signal) }, gateway);
}

/** `image/jpeg` → `thumbnail.jpg` */
function fileName(contentType: string): string {
  return `thumbnail.${contentType.replace('image/', '').replace('jpeg', 'jpg')}`;
}
