import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaUse, UseKind } from '../domain/media-use.ts';
import type { RoomEvent } from '../domain/room-event.ts';

/** What a call of `index` came to. */
export interface Indexed {
  readonly addedCount: number;
  readonly removedCount: number;
}

/** A page of a room's media. */
export interface RoomPage {
  readonly roomId: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** Which uses of which media. */
export interface UsesOf {
  readonly uris: readonly MxcUri[];
  /** Only these; none: all. */
  readonly kinds: readonly UseKind[];
  /** At most so many of each media. */
  readonly limitEach: number;
}

/** Knows which rooms use which media, by the events that it was told. */
export interface RoomIndex {
  /**
   * Adds what these events use, and takes away what they redact or replace. Events may come in any order, more than once,
   * and to several processes at once. What was being indexed when it failed may be indexed in part: tell it again.
   */
  index(events: readonly RoomEvent[], signal: AbortSignal): Promise<Indexed>;

  /** What a room uses, the newest event first. Every page costs the same. */
  listRoom(page: RoomPage, signal: AbortSignal): Promise<{ readonly uses: readonly MediaUse[]; readonly next: string | undefined }>;

  /** Where these media are used, in no order. */
  listUses(which: UsesOf, signal: AbortSignal): Promise<readonly MediaUse[]>;
}
