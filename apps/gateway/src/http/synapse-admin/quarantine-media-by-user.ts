import type { Gateway } from '../../gateway.ts';
import { quarantineMatching } from '../../usecases/bulk/quarantine.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct, toIncomplete } from './answer.ts';
import { mediaOfUser } from './own-media.ts';

/** `POST /_synapse/admin/v1/user/{userId}/media/quarantine`: hides what is not hidden yet. Nobody's user has no media. */
export async function quarantineMediaByUser(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, tenant, params: { userId = '' } } = exchange;
  const { count, isComplete } = await quarantineMatching(gateway, mediaOfUser(tenant, userId), toAct(exchange, `user ${userId}`));
  answerJson(context, { num_quarantined: count, ...toIncomplete(isComplete) });
}
