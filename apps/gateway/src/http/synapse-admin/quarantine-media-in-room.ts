import type { Gateway } from '../../gateway.ts';
import { quarantineRoom } from '../../usecases/bulk/quarantine-room.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson, toAct, toIncomplete } from './answer.ts';

/** `POST /_synapse/admin/v1/room/{roomId}/media/quarantine`, and its old name `/quarantine_media/{roomId}` */
export async function quarantineMediaInRoom(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { context, params: { roomId = '' }, token } = exchange;
  const room = { roomId, token };
  const { count, isComplete } = await quarantineRoom(gateway, room, toAct(exchange, `room ${roomId}`));
  answerJson(context, { num_quarantined: count, ...toIncomplete(isComplete) });
}
