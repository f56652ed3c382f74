import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { MediaContent } from '@medley/proto/metadata/media';
import type { GetImageInfoResponse } from '@medley/proto/thumbnail';
import type { Gateway } from '../../gateway.ts';
import { findMedia } from '../../usecases/find-media.ts';
import { getImageInfo } from '../../usecases/get-image-info.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { fetchForUser } from '../parse/fetch-for.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { answer } from './answer.ts';

/** `GET /_medley/v1/media/{serverName}/{mediaId}/info`: what is known of media, and of the image that it is. */
export async function getMediaInfo(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { uri, content, image } = await findInfo(exchange, gateway);
  answer(exchange, {
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
  });
}

export interface FoundInfo {
  readonly uri: MxcUri;
  readonly content: MediaContent;
  /** Absent where it is no image that we can read. */
  readonly image: GetImageInfoResponse | undefined;
}

/** What is known of the media that a path names, if the requester may have it. Fails as findMedia does. */
export async function findInfo(exchange: AuthenticatedExchange, gateway: Gateway): Promise<FoundInfo> {
  const { params, query, signal } = exchange;
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const waitMs = parseTimeoutMs(query, gateway.config.downloads.max_wait);
  const fetchFor = fetchForUser(exchange, gateway.config.downloads.max_remote_bytes);
  const { media: { content } } = await findMedia(gateway, { uri, waitMs, isAuthenticated: true, fetchFor }, signal);
  return { uri, content, image: await getImageInfo(gateway, content, signal) };
}
