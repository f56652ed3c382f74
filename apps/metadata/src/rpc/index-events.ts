import { isOpaqueId } from '@medley/domain/opaque-id';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { RoomEvent as RoomEventMessage } from '@medley/proto/metadata/rooms';
import type { RoomEvent } from '../domain/room-event.ts';
import type { RoomIndex } from '../ports/room-index.ts';
import { invalid, parseAtLeast, requireFew } from './fields.ts';

/** Event types and state keys have 255 bytes at most. */
const MAX_NAME_LENGTH = 1024;

/** Tells the room index of events. One that can't be an event refuses them all: nothing was indexed then. */
export function indexEvents(rooms: RoomIndex): MetadataServiceImplementation['indexEvents'] {
  return async ({ events }, { signal }) => {
    requireFew('events', events.length);
    return rooms.index(events.map(parseEvent), signal);
  };
}

function parseEvent(event: RoomEventMessage): RoomEvent {
  return {
    roomId: parseId('room_id', event.roomId),
    eventId: parseId('event_id', event.eventId),
    type: parseName('type', event.type),
    stateKey: event.stateKey === undefined ? undefined : parseName('state_key', event.stateKey),
    sender: parseId('sender', event.sender),
    at: parseAtLeast(0, 'origin_server_ts', event.originServerTs),
    content: parseContent(event.content),
    redacts: event.redacts === undefined ? undefined : parseId('redacts', event.redacts),
  };
}

function parseId(field: string, text: string): string {
  if (!isOpaqueId(text)) throw invalid(`${field} is empty, too long, or has white space`);
  return text;
}

function parseName(field: string, text: string): string {
  if (text.length > MAX_NAME_LENGTH) throw invalid(`${field} is too long`);
  return text;
}

function parseContent(text: string): RoomEvent['content'] {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as RoomEvent['content'];
  } catch {
    // said below, without what the parser quotes of it
  }
  throw invalid('content is not a JSON object');
}
