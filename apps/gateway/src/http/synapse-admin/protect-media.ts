import { moderate } from '../../usecases/moderate.ts';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct } from './answer.ts';
import { findKey } from './find-key.ts';

/** `POST /_synapse/admin/v1/media/protect/{mediaId}`: of local media. Does not lift a quarantine. */
export function protectMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return change(exchange, gateway, 'protect');
}

/** `POST /_synapse/admin/v1/media/unprotect/{mediaId}` */
export function unprotectMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return change(exchange, gateway, 'unprotect');
}

async function change(exchange: AuthenticatedExchange, gateway: Gateway, action: 'protect' | 'unprotect'): Promise<void> {
  const key = findKey(gateway, exchange);
  const { by, reason, signal } = toAct(exchange, 'by id');
  const found = key === undefined ? new Set() : await moderate(gateway, { action, keys: [key], by, reason }, signal);
  if (found.size > 0) answerJson(exchange.context, {});
  // Synapse lets the words of its database through here, and no other 404 has this errcode
  else answerJson(exchange.context, { errcode: 'M_UNKNOWN', error: 'No row found (local_media_repository)' }, 404);
}
