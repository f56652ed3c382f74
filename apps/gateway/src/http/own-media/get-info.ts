import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from '../medley/answer.ts';
import { findInfo } from '../medley/get-media-info.ts';

/** `GET /_matrix/media/unstable/info/{serverName}/{mediaId}` (MSC2380): what is known of media that the requester may have. */
export async function getInfo(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { uri, content, image } = await findInfo(exchange, gateway);
  answer(exchange, {
    content_uri: toMxcText(uri),
    content_type: content.contentType,
    size: content.sizeBytes,
    hashes: { sha256: content.digest },
    width: image?.width,
    height: image?.height,
  });
}
