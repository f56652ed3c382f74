import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';
import { parsePage } from './parse-page.ts';
import { trashedToJson } from './to-json.ts';

/** `GET /_medley/v1/trash`: what was deleted and can be restored; what leaves the trash next comes first. */
export async function getTrash(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal, tenant } = exchange;
  const { media, next } = await gateway.services.metadata.listTrash(parsePage(query), { signal });
  const visible = media.filter(({ record }) => isVisibleTo(gateway, tenant, record?.key));
  answer(exchange, { trash: visible.map(trashedToJson), next });
}
