import { toMxcText } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { stopwatch, BULK_BUDGET_MS } from '../../usecases/bulk/bulk-act.ts';
import { roomMedia } from '../../usecases/room-media.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toIncomplete } from './answer.ts';

/** It all goes into one answer; this makes some 20 MB. */
const MAX_LISTED = 250_000;

/** `GET /_synapse/admin/v1/room/{roomId}/media`: what is used in a room, newest event first, without the avatars of its members. Another tenant's media is left out. A room that nobody knows uses nothing. */
export async function listMediaInRoom({ context, tenant, params: { roomId = '' }, token, signal }: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const hasTime = stopwatch({ signal, budgetMs: BULK_BUDGET_MS });
  const [local, remote]: [string[], string[]] = [[], []];
  let isComplete = true;
  for await (const keys of roomMedia(gateway, { tenant, roomId, token, withoutMembers: true }, signal)) {
    for (const key of keys.filter((one) => isVisibleTo(gateway, tenant, one))) (key.origin === tenant.serverName ? local : remote).push(toMxcText(key));
    if (hasTime() && local.length + remote.length < MAX_LISTED) continue;
    isComplete = false;
    break;
  }
  answerJson(context, { local, remote, ...toIncomplete(isComplete) });
}
