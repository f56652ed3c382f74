import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { createMedia } from '../../usecases/create-media.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import type { AuthenticatedExchange } from '../exchange.ts';

/** `POST /_matrix/media/v1/create`; its body says nothing yet and is not read. */
export async function createContent(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { key, unusedExpiresAtMs } = await createMedia(gateway, exchange.tenant, exchange.requester);
  exchange.context.body = { content_uri: toMxcText(requireRecord(key)), unused_expires_at: unusedExpiresAtMs };
}
