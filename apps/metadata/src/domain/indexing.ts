import { mediaInEvent } from './media-in-event.ts';
import type { MediaUse, UseKind } from './media-use.ts';
import type { RoomEvent } from './room-event.ts';

/** State events whose media is in use only until newer state comes; that of others stays in use until it is redacted. */
const STATE_KINDS: ReadonlyMap<string, UseKind> = new Map<string, UseKind>([
  ['m.room.avatar', 'room-avatar'],
  ['m.room.member', 'member-avatar'],
  ['im.ponies.room_emotes', 'pack'],
  ['m.room.image_pack', 'pack'],
]);

/** Which event an index entry is about. */
export interface EventName {
  readonly roomId: string;
  readonly eventId: string;
}

/** A state event, and which other ones it competes with. */
export interface StateClaim extends EventName {
  /** The room, the type and the state key. */
  readonly slot: string;
  /** Unix milliseconds: when it was sent, or where its sender says a time to come, when it was told. */
  readonly at: number;
}

/** What is to be known of one event. */
export interface IndexEntry extends EventName {
  /** Only where newer state replaces it. */
  readonly state: StateClaim | undefined;
  readonly uses: readonly MediaUse[];
}

/** What events come to, before anything else is known of their rooms. */
export interface Indexing {
  /** Events that are redacted. */
  readonly redacted: readonly EventName[];
  /** Of several for one slot the newest alone. */
  readonly entries: readonly IndexEntry[];
}

/** Reads events: what they use, what they redact, what they replace. Events without any of that are left out. */
export function toIndexing(events: readonly RoomEvent[], now: number): Indexing {
  const redacted = events.flatMap(({ roomId, redacts }) => (redacts === undefined ? [] : [{ roomId, eventId: redacts }]));
  const entries = new Map<string, IndexEntry>();
  for (const entry of events.map((event) => toEntry(event, now))) {
    const key = entry.state?.slot ?? toEventKey(entry);
    const other = entries.get(key)?.state;
    if (entry.state !== undefined && other !== undefined && !isNewer(entry.state, other)) continue;
    if (entry.state !== undefined || entry.uses.length > 0) entries.set(key, entry);
  }
  return { redacted, entries: [...entries.values()] };
}

/** Whether `state` replaces `other`: by time, and among equals by event id, so that every process decides alike. */
export function isNewer(state: StateClaim, other: StateClaim): boolean {
  return state.at === other.at ? state.eventId > other.eventId : state.at > other.at;
}

/** One text for each event. */
export function toEventKey({ roomId, eventId }: EventName): string {
  return `${roomId} ${eventId}`;
}

function toEntry(event: RoomEvent, now: number): IndexEntry {
  const { roomId, eventId, type, stateKey, sender, at, content } = event;
  const stateKind = stateKey === undefined ? undefined : STATE_KINDS.get(type);
  const slot = JSON.stringify([roomId, type, stateKey]);
  // A time to come would let an event stand against all that follow.
  const state = stateKind && { roomId, eventId, slot, at: Math.min(at, now) };
  const kind = stateKind ?? 'event';
  return { roomId, eventId, state, uses: mediaInEvent(type, content).map((uri) => ({ uri, roomId, eventId, kind, sender, at })) };
}
