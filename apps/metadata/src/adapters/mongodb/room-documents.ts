import { parseMxcText, toMxcText } from '@medley/domain/mxc-uri';
import { toEventKey, type StateClaim } from '../../domain/indexing.ts';
import { toPlace, type MediaUse, type UseKind } from '../../domain/media-use.ts';

/** In the collection `room_uses`: one place where a media is used; never changes. */
export interface UseDocument {
  /** `<room> <place>`, so that the uses of a room stand together in their order. */
  readonly _id: string;
  /** `<room> <event>`. */
  readonly event: string;
  readonly roomId: string;
  readonly eventId: string;
  readonly uri: string;
  readonly kind: UseKind;
  readonly sender: string;
  readonly at: number;
}

/** In the collection `room_states`: a state event; never changes, and goes once there is newer one. */
export interface StateDocument extends StateClaim {
  /** `<slot> <event id>`; a slot is JSON, which says itself where it ends. */
  readonly _id: string;
}

/** In the collection `room_redactions`: an event that is redacted; never changes. */
export interface RedactionDocument {
  /** `<room> <event>`. */
  readonly _id: string;
}

/** The document of a use. */
export function fromUse(use: MediaUse): UseDocument {
  const { roomId, eventId, uri, kind, sender, at } = use;
  return { _id: toUseId(roomId, toPlace(use)), event: toEventKey(use), roomId, eventId, uri: toMxcText(uri), kind, sender, at };
}

/** What the rest of the service sees of a document of `room_uses`. */
export function toUse({ uri, roomId, eventId, kind, sender, at }: UseDocument): MediaUse {
  return { uri: parseMxcText(uri), roomId, eventId, kind, sender, at };
}

/** The `_id` of the use at a place of a room. */
export function toUseId(roomId: string, place: string): string {
  return `${roomId} ${place}`;
}

/** The document of a state event. */
export function fromState({ slot, roomId, eventId, at }: StateClaim): StateDocument {
  return { _id: `${slot} ${eventId}`, slot, roomId, eventId, at };
}
