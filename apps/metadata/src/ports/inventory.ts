import type { Digest } from '@medley/domain/digest';
import type { StoreName } from '@medley/domain/store-name';
import type { MediaFilter } from '../domain/media-query.ts';

/** A blob that records name. */
export interface Reference {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** How many records name it. */
  readonly mediaCount: number;
  /** Whether its bytes are known to be lost. */
  readonly lost: boolean;
}

/** A part of what records name in one store. */
export interface ReferenceQuery {
  readonly store: StoreName;
  /** Only digests after this; all are after ''. */
  readonly after: string;
  readonly limit: number;
}

/** By what usage can be told apart. */
export type UsageGroup = 'user' | 'origin' | 'content-type' | 'kind';

/** What is to be counted. */
export interface UsageQuery {
  /** Of media that is available. */
  readonly filter: MediaFilter;
  readonly group?: UsageGroup;
  /** Of the groups. */
  readonly limit: number;
}

/** What one group has. */
export interface UsageRow {
  readonly name: string;
  readonly mediaCount: number;
  readonly mediaBytes: number;
}

/** How much there is. */
export interface Usage {
  readonly mediaCount: number;
  /** The sum of the media's sizes, as if each had bytes of its own. */
  readonly mediaBytes: number;
  readonly pendingCount: number;
  readonly lapsedCount: number;
  readonly condemnedCount: number;
  /** The largest in bytes first, then by name; none without a group. */
  readonly rows: readonly UsageRow[];
}

/** Which reserved media ids are to go. */
export interface Expiry {
  /** Those that lapsed before; Unix milliseconds. A time to come is taken as the present. */
  readonly lapsedBefore: number;
  readonly limit: number;
  /** Count, and remove nothing. */
  readonly isDryRun: boolean;
}

/** Looks over all records, for those who keep house. */
export interface Inventory {
  /** The blobs of one store that records name, in the order of their digests, at most `limit`; fewer only at the end. */
  references(query: ReferenceQuery, signal: AbortSignal): Promise<readonly Reference[]>;

  /** Counts everything; the filter is for media that is available alone. Reads every record. */
  usage(query: UsageQuery, signal: AbortSignal): Promise<Usage>;

  /** Removes reserved media ids that lapsed, and answers how many. */
  expirePending(expiry: Expiry, signal: AbortSignal): Promise<number>;
}
