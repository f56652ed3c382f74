import { toDisposition } from '@medley/domain/disposition';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { findMedia, type FoundMedia } from '../../usecases/find-media.ts';
import { findPublicUrl } from '../../usecases/find-public-url.ts';
import { blobOf, openBlob } from '../../usecases/open-blob.ts';
import type { ServerExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { sendMultipart, sendMultipartLocation } from '../respond/multipart.ts';

/** `GET /_matrix/federation/v1/media/download/{mediaId}`: media of the server that was addressed, never that of another. Range is ignored. Where it is set up so, a large file is only located. */
export async function federationGetContent(exchange: ServerExchange, gateway: Gateway): Promise<void> {
  const { params, query, signal, tenant } = exchange;
  const uri = parseMxcParts(tenant.serverName, requirePart(params, 'mediaId'));
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const find = (): Promise<FoundMedia> => findMedia(gateway, { uri, waitMs, isAuthenticated: true }, signal);
  const { media: { content }, sighting } = await find();
  const blob = blobOf(content);
  const answer = {
    contentType: content.contentType,
    disposition: toDisposition(content.contentType, content.uploadName),
    sizeBytes: content.sizeBytes,
    sighting,
    findAgain: find,
  };
  const mayRedirect = gateway.config.federation.redirect && exchange.context.method === 'GET';
  const url = await findPublicUrl(gateway, { blob, ...answer }, mayRedirect, signal);
  if (url !== undefined) return sendMultipartLocation(exchange, answer, url, gateway);
  return sendMultipart(exchange, { ...answer, open: (range) => openBlob(gateway, blob, range, signal) }, gateway);
}
