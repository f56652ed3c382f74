import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Act } from '../domain/acts.ts';

/** Media to hide from everyone, or to show again. */
export interface QuarantineOrder {
  /** Together with all others that have the same bytes, where they are known. Need not exist. */
  readonly uris: readonly MxcUri[];
  readonly digests: readonly Digest[];
  /** False ends it. */
  readonly isQuarantined: boolean;
  readonly by: string;
}

/** Media to delete for good. */
export interface DeletionOrder {
  /** Each once. */
  readonly uris: readonly MxcUri[];
  readonly by: string;
}

/** What somebody has seen of bytes in storage. */
export interface BlobReport {
  /** Each once. */
  readonly digests: readonly Digest[];
  readonly isLost: boolean;
  readonly by: string;
}

/**
 * The log of all that happens to media that is there; it is only ever added to, and is the one truth about quarantine,
 * deletion and loss. Sequences are dense, and an act can be read only after all before it. A record is answered as the
 * newest acts on its media and on its digest say, so an act holds for records that come later, and outlives them.
 */
export interface ActLog {
  /** Quarantines media, or ends that, for every process at once. */
  setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<void>;

  /**
   * Deletes media, reserved or available, and answers which of it was there. From the act on it is answered as if it had
   * never been, but its media id is never used again; the record goes right afterwards, or by and by after a crash.
   */
  delete(order: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]>;

  /** Notes that bytes are lost, or there again. Says nothing of those that are known to be so. */
  markBlobs(report: BlobReport, signal: AbortSignal): Promise<void>;

  /** The sequence of the last act; 0 before the first. */
  position(signal: AbortSignal): Promise<number>;

  /** The acts after `sequence`, in order, at most `limit`. */
  after(sequence: number, limit: number, signal: AbortSignal): Promise<readonly Act[]>;
}
