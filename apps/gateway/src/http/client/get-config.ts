import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';

/** `GET /_matrix/client/v1/media/config` */
export async function getConfig(exchange: Exchange, gateway: Gateway): Promise<void> {
  exchange.context.body = { 'm.upload.size': gateway.config.uploads.max_bytes };
}
