import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import { uploadMedia } from '../../usecases/upload-media.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { parseUpload } from '../parse/upload.ts';

/** `POST /_matrix/media/v3/upload` */
export async function uploadContent(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const upload = parseUpload(exchange, gateway.config.uploads);
  const record = await uploadMedia(gateway, exchange, upload);
  exchange.context.body = { content_uri: toMxcText(requireRecord(record.key)) };
}
