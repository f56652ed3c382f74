import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from '../medley/answer.ts';

const PREFIX = 'org.matrix.msc4034.storage';

/** `GET /_matrix/media/unstable/org.matrix.msc4034/usage` */
export async function getMsc4034Usage(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const [use] = await gateway.quotas.use(exchange.requester.userId, [0], exchange.signal);
  answer(exchange, { [`${PREFIX}.used`]: use?.bytes ?? 0, [`${PREFIX}.files`]: use?.files ?? 0 });
}
