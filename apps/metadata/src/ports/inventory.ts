import type { Digest } from '@medley/domain/digest';

/** A blob that records name. */
export interface Reference {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** How many records name it. */
  readonly mediaCount: number;
  /** Whether its bytes are known to be lost. */
  readonly lost: boolean;
}

/** How much there is. */
export interface Usage {
  readonly mediaCount: number;
  /** The sum of the media's sizes, as if each had bytes of its own. */
  readonly mediaBytes: number;
  readonly pendingCount: number;
  readonly lapsedCount: number;
  readonly condemnedCount: number;
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
  /** The digests after `after` (all are after '') that records name, in order, at most `limit`; fewer only at the end. */
  references(after: string, limit: number, signal: AbortSignal): Promise<readonly Reference[]>;

  /** Counts everything. Reads every record. */
  usage(signal: AbortSignal): Promise<Usage>;

  /** Removes reserved media ids that lapsed, and answers how many. */
  expirePending(expiry: Expiry, signal: AbortSignal): Promise<number>;
}
