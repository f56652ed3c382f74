import type { Gateway } from '../../gateway.ts';
import { arePreviewsEnabled } from '../../usecases/preview-url.ts';
import type { Exchange } from '../exchange.ts';

/** `GET /_matrix/client/v1/media/config` */
export async function getConfig(exchange: Exchange, gateway: Gateway): Promise<void> {
  exchange.context.body = {
    'm.upload.size': gateway.config.uploads.max_bytes,
    // As the capability of MSC4452, which the homeserver tells of itself.
    'io.element.msc4452.preview_url': { enabled: arePreviewsEnabled(gateway, exchange.tenant) },
  };
}
