import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from '../medley/answer.ts';
import { readQuotaUsage } from './quota-to-json.ts';

/** `GET /_medley/v1/me/usage` */
export async function getMyUsage(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { quota } = gateway.policies.of(exchange);
  answer(exchange, await readQuotaUsage(gateway, exchange.requester.userId, quota, exchange.signal));
}
