import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import { indexRoomEvents } from '../../usecases/index-room-events.ts';
import type { Exchange } from '../exchange.ts';
import { readJsonObject } from '../parse/json-body.ts';
import { toRoomEvent } from './to-room-event.ts';

/** A homeserver sends a hundred events of 64 KiB at most, each perhaps with the state before it, and sends what is refused for ever. */
const MAX_BYTES = 16 * 2 ** 20;

/**
 * `PUT /_matrix/app/v1/transactions/{txnId}`: events for the room index. Answered only once they are indexed, so that a
 * homeserver that hears nothing sends them again, which changes nothing. What is no event that the index can read is
 * passed over, since it would come again and again. Throws NOT_JSON, BAD_JSON, TOO_LARGE.
 */
export async function sendTransaction({ context, tenant, signal }: Exchange, gateway: Gateway): Promise<void> {
  const { events } = await readJsonObject(context, { maxBytes: MAX_BYTES, stallMs: gateway.config.uploads.stall_timeout });
  if (!Array.isArray(events)) throw new MediaError('BAD_JSON', 'events must be an array');
  const readable = events.map(toRoomEvent).filter((event) => event !== undefined);
  const passedOverCount = events.length - readable.length;
  if (passedOverCount > 0) gateway.log.warn({ server: tenant.serverName, passed_over_count: passedOverCount }, 'events of a transaction were passed over');
  await indexRoomEvents(gateway, readable, signal);
  context.body = {};
}
