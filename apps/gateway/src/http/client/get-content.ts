import { originalKey } from '@medley/domain/blob-key';
import { parseDigest } from '@medley/domain/digest';
import { toDisposition } from '@medley/domain/disposition';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { Gateway } from '../../gateway.ts';
import { findMedia, type FoundMedia } from '../../usecases/find-media.ts';
import { openBlob } from '../../usecases/open-blob.ts';
import type { Exchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { PRIVATE_FOREVER, sendMedia } from '../respond/media-response.ts';

/** `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}[/{fileName}]` */
export function getContent(exchange: Exchange, gateway: Gateway): Promise<void> {
  return answerContent(exchange, gateway, true);
}

/** The same at its deprecated place, without a token: `GET /_matrix/media/v3/download/…`. Frozen media is not found here. */
export function getContentLegacy(exchange: Exchange, gateway: Gateway): Promise<void> {
  return answerContent(exchange, gateway, false);
}

async function answerContent(exchange: Exchange, gateway: Gateway, isAuthenticated: boolean): Promise<void> {
  const { params, query, signal } = exchange;
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const find = (): Promise<FoundMedia> => findMedia(gateway, { uri, waitMs, isAuthenticated }, signal);
  const { media: { content }, sighting } = await find();
  const blob = { key: originalKey(parseDigest(content.digest)), sizeBytes: content.sizeBytes };
  const answer = {
    contentType: content.contentType,
    disposition: toDisposition(content.contentType, cleanUploadName(params['fileName']) ?? content.uploadName),
    sizeBytes: content.sizeBytes,
    version: content.digest,
    cacheControl: PRIVATE_FOREVER,
    sighting,
    findAgain: find,
  };
  await sendMedia(exchange, { ...answer, open: (range) => openBlob(gateway, blob, range, signal) }, gateway);
}
