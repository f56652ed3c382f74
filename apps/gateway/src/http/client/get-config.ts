import type { Gateway } from '../../gateway.ts';
import { arePreviewsEnabled } from '../../usecases/preview-url.ts';
import type { AuthenticatedExchange } from '../exchange.ts';

/** `GET /_matrix/client/v1/media/config`: of the user who asks. */
export async function getConfig(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { uploads, quota } = gateway.policies.of(exchange);
  const total = quota.limits.find(({ windowMs }) => windowMs === 0);
  exchange.context.body = {
    'm.upload.size': uploads.isAllowed ? uploads.maxBytes : 0,
    // Only where there are limits (MSC4034).
    'org.matrix.msc4034.storage.size': total?.maxBytes,
    'org.matrix.msc4034.storage.max_files': total?.maxFiles,
    // As the capability of MSC4452, which the homeserver tells of itself.
    'io.element.msc4452.preview_url': { enabled: arePreviewsEnabled(gateway, exchange.tenant) },
  };
}
