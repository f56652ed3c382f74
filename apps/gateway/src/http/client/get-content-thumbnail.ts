import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import type { Lookup } from '../../usecases/find-media.ts';
import { findThumbnail } from '../../usecases/find-thumbnail.ts';
import { openThumbnail } from '../../usecases/open-thumbnail.ts';
import type { AuthenticatedExchange, Exchange } from '../exchange.ts';
import { networkOfRequest } from '../parse/client-address.ts';
import { fetchForStranger, fetchForUser } from '../parse/fetch-for.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { parseThumbnailSpec } from '../parse/thumbnail-spec.ts';
import { healing } from '../respond/healing.ts';
import { PRIVATE_FOREVER, sendMedia } from '../respond/media-response.ts';
import { thumbnailDisposition } from '../respond/thumbnail-disposition.ts';

/** `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}` */
export function getContentThumbnail(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const fetchFor = fetchForUser(exchange, gateway.config.remoteSourceMaxBytes);
  return answerThumbnail(exchange, gateway, { isAuthenticated: true, fetchFor, asker: exchange.requester.userId });
}

/** The same at its deprecated place, without a token: `GET /_matrix/media/v3/thumbnail/…`. */
export function getContentThumbnailLegacy(exchange: Exchange, gateway: Gateway): Promise<void> {
  const fetchFor = fetchForStranger(exchange, gateway, gateway.config.remoteSourceMaxBytes);
  const asker = networkOfRequest(exchange.context.req, gateway.config.listen);
  return answerThumbnail(exchange, gateway, { isAuthenticated: false, fetchFor, asker });
}

type AskerRights = Omit<Lookup, 'uri' | 'waitMs'> & { readonly asker: string };

async function answerThumbnail(exchange: Exchange, gateway: Gateway, { asker, ...rights }: AskerRights): Promise<void> {
  const { context, params, query, signal } = exchange;
  context.vary('Accept');
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const spec = parseThumbnailSpec(query, context.req.headers.accept);
  const lookup = { ...rights, uri, waitMs: parseTimeoutMs(query, gateway.config.downloads.max_wait) };
  const asking = { asker: `${exchange.tenant.serverName} ${asker}`, signal, place: gateway.door.placeOf(context.res) };
  const find = () => findThumbnail(gateway, lookup, spec, asking);
  await healing(exchange, gateway, lookup, async () => {
    const { thumbnail, sighting } = await find();
    const answer = {
      ...thumbnail,
      disposition: thumbnailDisposition(thumbnail.contentType),
      cacheControl: PRIVATE_FOREVER,
      sighting,
      findAgain: find,
    };
    await sendMedia(exchange, { ...answer, open: (range) => openThumbnail(gateway, thumbnail, range, signal) }, gateway);
  });
}
