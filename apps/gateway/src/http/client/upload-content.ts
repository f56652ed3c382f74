import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { findBlurHash } from '../../usecases/find-blurhash.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import { uploadMedia } from '../../usecases/upload-media.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { parseUpload } from '../parse/upload.ts';

/** MSC2448, which is not merged. */
const UNSTABLE = 'xyz.amorgan.';

/** `POST /_matrix/media/v3/upload` */
export async function uploadContent(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const upload = parseUpload(exchange, gateway);
  const record = await uploadMedia(gateway, exchange, upload);
  const blurhash = wantsBlurHash(exchange.query) ? await findBlurHash(gateway, record.content, exchange.signal) : undefined;
  exchange.context.body = { content_uri: toMxcText(requireRecord(record.key)), blurhash, [`${UNSTABLE}blurhash`]: blurhash };
}

function wantsBlurHash(query: URLSearchParams): boolean {
  return ['', UNSTABLE].some((prefix) => query.get(`${prefix}generate_blurhash`) === 'true');
}
