import { parseMxcText, toMxcText } from '@medley/domain/mxc-uri';
import { isNewer, toIndexing, type EventName, type IndexEntry, type StateClaim } from '../../domain/indexing.ts';
import { END_PLACE, toPlace, USE_KINDS, type MediaUse, type UseKind } from '../../domain/media-use.ts';
import type { RoomEvent } from '../../domain/room-event.ts';
import type { Indexed, RoomIndex, RoomPage, UsesOf } from '../../ports/room-index.ts';
import type { SqliteSession } from './session.ts';

interface UseRow {
  readonly room_id: string;
  readonly place: string;
  readonly event_id: string;
  readonly uri: string;
  readonly kind: UseKind;
  readonly sender: string;
  readonly at: number;
}

/** Uses as rows that come and go; of every slot of state the newest event, and of redactions all. */
export class SqliteRooms implements RoomIndex {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async index(events: readonly RoomEvent[], signal: AbortSignal): Promise<Indexed> {
    const { redacted, entries } = toIndexing(events, this.#session.now());
    return this.#session.write(signal, () => {
      const redactedCount = sum(redacted.map((event) => this.#redact(event)));
      const counts = entries.map((entry) => this.#add(entry));
      return {
        addedCount: sum(counts.map(({ addedCount }) => addedCount)),
        removedCount: redactedCount + sum(counts.map(({ removedCount }) => removedCount)),
      };
    });
  }

  async listRoom({ roomId, limit, after = END_PLACE }: RoomPage, signal: AbortSignal): ReturnType<RoomIndex['listRoom']> {
    return this.#session.read(signal, () => {
      const rows = toRows(this.#session.sql.usesInRoom.all({ room_id: roomId, before: after, limit: limit + 1 }));
      const page = rows.slice(0, limit);
      return { uses: page.map(toUse), next: rows.length > limit ? page.at(-1)?.place : undefined };
    });
  }

  async listUses({ uris, kinds, limitEach }: UsesOf, signal: AbortSignal): Promise<readonly MediaUse[]> {
    const common = { kinds: JSON.stringify(kinds.length === 0 ? USE_KINDS : kinds), limit: limitEach };
    return this.#session.read(signal, () =>
      uris.flatMap((uri) => toRows(this.#session.sql.usesOfMedia.all({ uri: toMxcText(uri), ...common })).map(toUse)));
  }

  /** Answers how many uses this has taken away. */
  #redact(event: EventName): number {
    this.#session.sql.addRedaction.run(toNames(event));
    return this.#removeUses(event);
  }

  #add(entry: IndexEntry): Indexed {
    const { sql } = this.#session;
    const replaced = this.#replace(entry.state);
    if (replaced === 'outdated') return { addedCount: 0, removedCount: 0 };
    if (sql.redaction.get(toNames(entry)) !== undefined) return { addedCount: 0, removedCount: replaced };
    const added = entry.uses.map((use) => Number(sql.addUse.run(fromUse(use)).changes));
    return { addedCount: sum(added), removedCount: replaced };
  }

  /** Puts state in the place of older state, and answers how many uses that has taken away; or that there is newer one. */
  #replace(state: StateClaim | undefined): number | 'outdated' {
    if (state === undefined) return 0;
    const { sql } = this.#session;
    const { slot, roomId, eventId, at } = state;
    const row = sql.stateIn.get({ slot });
    const other = row && { slot, roomId, eventId: String(row['event_id']), at: Number(row['at']) };
    if (other?.eventId === eventId) return 0;
    if (other !== undefined && !isNewer(state, other)) return 'outdated';
    sql.putState.run({ slot, event_id: eventId, at });
    return other === undefined ? 0 : this.#removeUses(other);
  }

  #removeUses(event: EventName): number {
    return Number(this.#session.sql.removeUses.run(toNames(event)).changes);
  }
}

function toNames({ roomId, eventId }: EventName): { room_id: string; event_id: string } {
  return { room_id: roomId, event_id: eventId };
}

function fromUse(use: MediaUse): Record<keyof UseRow, string | number> {
  const { roomId, eventId, uri, kind, sender, at } = use;
  return { room_id: roomId, place: toPlace(use), event_id: eventId, uri: toMxcText(uri), kind, sender, at };
}

function toUse({ room_id: roomId, event_id: eventId, uri, kind, sender, at }: UseRow): MediaUse {
  return { uri: parseMxcText(uri), roomId, eventId, kind, sender, at };
}

function toRows(rows: readonly unknown[]): readonly UseRow[] {
  return rows as readonly UseRow[]; // as the migrations make it
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
