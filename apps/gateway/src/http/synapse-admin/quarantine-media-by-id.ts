import type { Gateway } from '../../gateway.ts';
import { setQuarantine } from '../../usecases/bulk/quarantine.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct } from './answer.ts';
import { findKey } from './find-key.ts';

/** `POST /_synapse/admin/v1/media/quarantine/{serverName}/{mediaId}`: holds for media that is not here yet, too. */
export function quarantineMediaById(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return change(exchange, gateway, true);
}

/** `POST /_synapse/admin/v1/media/unquarantine/{serverName}/{mediaId}` */
export function unquarantineMediaById(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return change(exchange, gateway, false);
}

async function change(exchange: AuthenticatedExchange, gateway: Gateway, quarantined: boolean): Promise<void> {
  const key = findKey(gateway, exchange);
  if (key !== undefined) await setQuarantine(gateway, [key], quarantined, toAct(exchange, 'by id'));
  answerJson(exchange.context, {});
}
