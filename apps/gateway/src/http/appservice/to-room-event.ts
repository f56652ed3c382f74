import { isOpaqueId } from '@medley/domain/opaque-id';
import type { RoomEvent } from '@medley/proto/metadata/rooms';
import { isObject, type JsonObject } from '../parse/json-body.ts';

/** Event types and state keys have 255 bytes at most, a whole event has 64 KiB. */
const MAX_NAME_LENGTH = 1024;
const MAX_CONTENT_LENGTH = 2 ** 20;

/** An event of a transaction as metadata takes it; `undefined` for what metadata would refuse. */
export function toRoomEvent(event: unknown): RoomEvent | undefined {
  if (!isObject(event) || !isObject(event['content'])) return undefined;
  const { room_id: roomId, event_id: eventId, type, state_key: stateKey, sender, origin_server_ts: originServerTs } = event;
  const content = toText(event['content']);
  if (!isId(roomId) || !isId(eventId) || !isId(sender) || !isName(type) || content === undefined || content.length > MAX_CONTENT_LENGTH) return undefined;
  if (typeof originServerTs !== 'number' || !Number.isSafeInteger(originServerTs) || originServerTs < 0) return undefined;
  if (stateKey !== undefined && !isName(stateKey)) return undefined;
  return { roomId, eventId, type, stateKey, sender, originServerTs, content, redacts: redactedBy(event) };
}

/** `undefined` for what is nested so deeply that it can be read, but not written. */
function toText(content: JsonObject): string | undefined {
  try {
    return JSON.stringify(content);
  } catch {
    return undefined; // the only thing that can go wrong with what was JSON before
  }
}

/** Room versions below 11 have it beside the content, later ones in it; homeservers often send both. */
function redactedBy({ type, redacts, content }: JsonObject): string | undefined {
  if (type !== 'm.room.redaction') return undefined;
  return [isObject(content) ? content['redacts'] : undefined, redacts].find(isId);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isOpaqueId(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH;
}
