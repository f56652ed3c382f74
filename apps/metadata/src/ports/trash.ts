import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Author } from '../domain/acts.ts';
import type { Trashed } from '../domain/standing.ts';

/** Media to bring back. */
export interface RestoreOrder extends Author {
  /** Each once. */
  readonly uris: readonly MxcUri[];
}

/** Where in the trash somebody has got to. */
export interface TrashPlace {
  readonly purgeAt: number;
  readonly uri: MxcUri;
}

/** A piece of the trash. */
export interface TrashPage {
  readonly media: readonly Trashed[];
  /** Absent on the last page. */
  readonly next: TrashPlace | undefined;
}

/** What leaves the trash. */
export interface TrashExpiry {
  readonly limit: number;
  /** Count, and remove nothing. */
  readonly isDryRun: boolean;
  readonly by: string;
}

/**
 * Deleted media that can be restored. Its record stays, so its bytes do; that it is hidden, and until when it can be
 * restored, the log says. A list beside the log, in the order in which media leaves, says only where to look: an entry
 * is written before its act, and one to which no act belongs is passed over.
 */
export interface Trash {
  /** Some of what is in the trash, in the order in which it leaves. Looks at `limit` entries at most. */
  list(after: TrashPlace | undefined, limit: number, signal: AbortSignal): Promise<TrashPage>;

  /** Brings back what is still in the trash, and answers what is there again: that stays, whoever empties the trash meanwhile. */
  restore(order: RestoreOrder, signal: AbortSignal): Promise<readonly MxcUri[]>;

  /** Removes for good what has been in the trash for as long as it may, and answers how many of it; 0 if there is no more. */
  expire(expiry: TrashExpiry, signal: AbortSignal): Promise<number>;
}
