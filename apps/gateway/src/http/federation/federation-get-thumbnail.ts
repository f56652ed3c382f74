import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { findMedia, type FoundMedia } from '../../usecases/find-media.ts';
import { getThumbnail } from '../../usecases/get-thumbnail.ts';
import { openThumbnail } from '../../usecases/open-thumbnail.ts';
import type { ServerExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { parseThumbnailSpec } from '../parse/thumbnail-spec.ts';
import { sendMultipart } from '../respond/multipart.ts';
import { thumbnailDisposition } from '../respond/thumbnail-disposition.ts';

/** `GET /_matrix/federation/v1/media/thumbnail/{mediaId}`: the very bytes that a client gets who names no format. */
export async function federationGetThumbnail(exchange: ServerExchange, gateway: Gateway): Promise<void> {
  const { context, params, query, signal, tenant, server } = exchange;
  const uri = parseMxcParts(tenant.serverName, requirePart(params, 'mediaId'));
  const spec = parseThumbnailSpec(query);
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const find = (): Promise<FoundMedia> => findMedia(gateway, { uri, waitMs, isAuthenticated: true }, signal);
  const { media, sighting } = await find();
  const thumbnail = await getThumbnail(gateway, media, spec, { asker: `${tenant.serverName} server ${server}`, signal, place: gateway.door.placeOf(context.res) });
  const { contentType, sizeBytes } = thumbnail;
  const answer = { contentType, sizeBytes, disposition: thumbnailDisposition(contentType), sighting, findAgain: find };
  await sendMultipart(exchange, { ...answer, open: (range) => openThumbnail(gateway, thumbnail, range, signal) }, gateway);
}
