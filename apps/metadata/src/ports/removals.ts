import type { Digest } from '@medley/domain/digest';
import type { StoreName } from '@medley/domain/store-name';

/** A blob in a store, and when it was last put (Unix milliseconds). */
export interface StoredBlob {
  readonly digest: Digest;
  readonly storedAt: number;
}

/** Blobs that somebody has seen in one store. */
export interface Condemnation {
  readonly store: StoreName;
  readonly blobs: readonly StoredBlob[];
  /** Say what would be condemned, and condemn nothing. */
  readonly isDryRun: boolean;
}

/** Blobs of one store that are gone. */
export interface FinishedRemovals {
  readonly store: StoreName;
  readonly digests: readonly Digest[];
}

/** Which removals somebody wants to do. */
export interface RemovalClaim {
  readonly store: StoreName;
  /** How long a blob must have been condemned, in milliseconds. */
  readonly waitMs: number;
  /** After this long a claim that was not finished is handed out again, in milliseconds. */
  readonly claimMs: number;
  readonly limit: number;
  /** Say what could be claimed, and claim nothing. */
  readonly isDryRun: boolean;
}

/** What a claim has come to. */
export interface ClaimedRemovals {
  readonly removals: readonly StoredBlob[];
  /** How many blobs are condemned no more, since records have come to name them. */
  readonly sparedCount: number;
}

/**
 * Removes bytes that no record names, without ever taking those of an acknowledged upload.
 *
 * A sweep inserts a mark for the digest, waits, looks for records, and decides; an upload inserts its record first and
 * looks for a mark then. One of the two comes second and sees the other: if the upload found no mark, its record was
 * there before the mark, and so before the sweep's look. If it found one, both want to decide on that condemnation, and
 * the first to insert a verdict under its id has decided: `spared`, and the sweep lets go; `doomed`, and the upload takes
 * its record back and fails. So nobody names bytes between the claim of their removal and its end. An upload also looks
 * before it inserts: then a record of doomed bytes could be seen, or be left by a crash, only if it took the whole wait.
 * Verdicts are kept for a day, since somebody slow may still hold an old condemnation; an id is never used again.
 * Where there are transactions, each step is one, and the mark itself carries the verdict.
 *
 * All of it is about one blob in one store: a record names its bytes in its own store alone, a mark lies on them there,
 * and the same bytes in another store have a mark of their own. So whatever happens to them in one says nothing of another.
 */
export interface Removals {
  /** Marks those of the blobs that no record of their store names, and answers them. A mark that is there stays as it is. */
  condemn(condemnation: Condemnation, signal: AbortSignal): Promise<readonly Digest[]>;

  /** Decides on marks of one store that have waited long enough. Each doomed blob is handed out once, and again when `claimMs` passed. */
  claim(claim: RemovalClaim, signal: AbortSignal): Promise<ClaimedRemovals>;

  /** Takes the marks away: the bytes are gone, and may come again. */
  finish(finished: FinishedRemovals, signal: AbortSignal): Promise<void>;
}
