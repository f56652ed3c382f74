import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { isNewer, toEventKey, toIndexing, type IndexEntry } from '../../domain/indexing.ts';
import { END_PLACE, FIRST_PLACE, toPlace, type MediaUse } from '../../domain/media-use.ts';
import type { RoomEvent } from '../../domain/room-event.ts';
import type { Indexed, RoomIndex, RoomPage, UsesOf } from '../../ports/room-index.ts';
import { insertNew } from './insert.ts';
import { fromState, fromUse, toUse, toUseId, type StateDocument } from './room-documents.ts';
import { guarded, type MongoDbSession } from './session.ts';

/** Media that is looked up at once; each costs a query of its own, so that one that is used everywhere costs no more. */
const LOOK_UPS = 16;

/**
 * Uses, state events and redactions as documents that are only inserted and removed. Whoever adds uses inserts first and
 * looks then whether they may stay: so of an event and its redaction, or of two states, that come at once, whichever is
 * indexed last sees the other. The newest state event of a slot is never removed.
 */
export class MongoDbRooms implements RoomIndex {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  index(events: readonly RoomEvent[], signal: AbortSignal): Promise<Indexed> {
    return guarded(signal, async () => {
      const { roomUses, roomStates, roomRedactions, now } = this.#session;
      const indexing = toIndexing(events, now());
      const redactions = new Set(indexing.redacted.map(toEventKey));
      await insertNew(roomRedactions, [...redactions].map((_id) => ({ _id })));
      const entries = await this.#withoutOutdated(indexing.entries);
      await insertNew(roomStates, statesOf(entries));
      const { size: addedCount } = await insertNew(roomUses, entries.flatMap(({ uses }) => uses.map(fromUse)));
      const { redacted, older } = await this.#findOutdated(entries);
      const removedCount = await this.#removeUses([...redactions, ...redacted, ...older.map(toEventKey)]);
      if (older.length > 0) await roomStates.deleteMany({ _id: { $in: older.map(({ _id }) => _id) } });
      return { addedCount, removedCount };
    });
  }

  listRoom({ roomId, limit, after = END_PLACE }: RoomPage, signal: AbortSignal): ReturnType<RoomIndex['listRoom']> {
    return guarded(signal, async () => {
      const range = { $gte: toUseId(roomId, FIRST_PLACE), $lt: toUseId(roomId, after) };
      const documents = await this.#session.roomUses.find({ _id: range }).sort({ _id: -1 }).limit(limit + 1).toArray();
      const uses = documents.slice(0, limit).map(toUse);
      const last = uses.at(-1);
      return { uses, next: documents.length > limit && last !== undefined ? toPlace(last) : undefined };
    });
  }

  listUses({ uris, kinds, limitEach }: UsesOf, signal: AbortSignal): Promise<readonly MediaUse[]> {
    return guarded(signal, async () => {
      const found: MediaUse[] = [];
      for (let at = 0; at < uris.length; at += LOOK_UPS) {
        signal.throwIfAborted();
        const pages = await Promise.all(uris.slice(at, at + LOOK_UPS).map((uri) => this.#findUses(uri, kinds, limitEach)));
        found.push(...pages.flat());
      }
      return found;
    });
  }

  /** Spares what is known to be redacted or replaced already from being added for a moment. */
  async #withoutOutdated(entries: readonly IndexEntry[]): Promise<readonly IndexEntry[]> {
    const { redacted, older } = await this.#findOutdated(entries);
    const replaced = new Set(older.map(({ _id }) => _id));
    return entries
      .filter(({ state }) => state === undefined || !replaced.has(fromState(state)._id))
      .map((entry) => (redacted.has(toEventKey(entry)) ? { ...entry, uses: [] } : entry));
  }

  async #findOutdated(entries: readonly IndexEntry[]): Promise<Outdated> {
    const [redacted, older] = await Promise.all([this.#findRedacted(entries), this.#findOlder(statesOf(entries))]);
    return { redacted, older };
  }

  async #findRedacted(entries: readonly IndexEntry[]): Promise<ReadonlySet<string>> {
    const keys = entries.filter(({ uses }) => uses.length > 0).map(toEventKey);
    if (keys.length === 0) return new Set();
    const documents = await this.#session.roomRedactions.find({ _id: { $in: keys } }).toArray();
    return new Set(documents.map(({ _id }) => _id));
  }

  /** Of these state events, and of those that are there in their slots, all but the newest. */
  async #findOlder(states: readonly StateDocument[]): Promise<readonly StateDocument[]> {
    if (states.length === 0) return [];
    const there = await this.#session.roomStates.find({ slot: { $in: states.map(({ slot }) => slot) } }).toArray();
    const all = new Map([...states, ...there].map((state) => [state._id, state]));
    const newest = new Map<string, StateDocument>();
    for (const state of all.values()) {
      const other = newest.get(state.slot);
      if (other === undefined || isNewer(state, other)) newest.set(state.slot, state);
    }
    return [...all.values()].filter((state) => newest.get(state.slot) !== state);
  }

  async #removeUses(events: readonly string[]): Promise<number> {
    if (events.length === 0) return 0;
    return (await this.#session.roomUses.deleteMany({ event: { $in: [...events] } })).deletedCount;
  }

  async #findUses(uri: MxcUri, kinds: UsesOf['kinds'], limit: number): Promise<MediaUse[]> {
    const wanted = { uri: toMxcText(uri), ...(kinds.length > 0 && { kind: { $in: [...kinds] } }) };
    return (await this.#session.roomUses.find(wanted).limit(limit).toArray()).map(toUse);
  }
}

/** What may not stay. */
interface Outdated {
  /** Events by their keys. */
  readonly redacted: ReadonlySet<string>;
  readonly older: readonly StateDocument[];
}

function statesOf(entries: readonly IndexEntry[]): readonly StateDocument[] {
  return entries.flatMap(({ state }) => (state === undefined ? [] : [fromState(state)]));
}
