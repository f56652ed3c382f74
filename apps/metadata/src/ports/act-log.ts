import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { StoreName } from '@medley/domain/store-name';
import type { Act, ActKind, Author, Subject } from '../domain/acts.ts';
import type { Quarantine } from '../domain/media-record.ts';

/** Media to hide from everyone, or to show again. */
export interface QuarantineOrder extends Author {
  /** Together with all others that have the same bytes, where they are known. Need not exist. */
  readonly uris: readonly MxcUri[];
  readonly digests: readonly Digest[];
  /** False ends it. */
  readonly isQuarantined: boolean;
}

/** Media to keep from quarantine and from all that deletes by rule, or no more. */
export interface ProtectionOrder extends Author {
  /** Each once. */
  readonly uris: readonly MxcUri[];
  readonly isProtected: boolean;
}

/** Media to delete. */
export interface DeletionOrder extends Author {
  /** Each once. */
  readonly uris: readonly MxcUri[];
  /** How long it can be restored, in milliseconds; absent or 0: not at all. */
  readonly trashMs?: number | undefined;
}

/** What somebody has seen of bytes in storage. */
export interface BlobReport {
  /** Where he has looked. */
  readonly store: StoreName;
  /** Each once. */
  readonly digests: readonly Digest[];
  readonly isLost: boolean;
  readonly by: string;
}

/** Which part of the log somebody wants to read. */
export interface ActQuery {
  /** Only those after this sequence; where descending, before it. */
  readonly after?: number | undefined;
  readonly limit: number;
  /** None: all. */
  readonly kinds: readonly ActKind[];
  /** Only those on media, not those on bytes. */
  readonly isMediaOnly: boolean;
  /** Only those on this media. */
  readonly uri?: MxcUri | undefined;
  readonly isDescending: boolean;
}

/** A part of the log. */
export interface ActPage {
  readonly acts: readonly Act[];
  /** The sequence of the last act there was when the reading began. */
  readonly position: number;
}

/** A quarantine as a fact of its own, whether or not there is such media. */
export interface Ban {
  readonly subject: Subject;
  readonly quarantine: Quarantine;
}

/** Some bans. */
export interface BanPage {
  readonly bans: readonly Ban[];
  /** The text of the subject up to which all was looked through; absent on the last page. */
  readonly next: string | undefined;
}

/**
 * The log of all that happens to media that is there; it is only ever added to, and is the one truth about quarantine,
 * protection, deletion and loss. Sequences are dense, and an act can be read only after all before it. A record is
 * answered as all acts on its media, its digest and its blob say, so an act holds for records that come later, and outlives them.
 */
export interface ActLog {
  /**
   * Quarantines media, or ends that, for every process at once; answers how many records that has named, by themselves or
   * by their bytes. Each of these has an act of its own in the end, unless that would say nothing new. Protected media is
   * not quarantined, nor are its bytes on its account. Where many share the bytes, they are told by and by: when `signal`
   * aborts meanwhile they are hidden all the same, and doing it again tells the rest.
   */
  setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<number>;

  /** Protects media, or ends that, and answers which of it is there. Ends no quarantine. */
  setProtection(order: ProtectionOrder, signal: AbortSignal): Promise<readonly MxcUri[]>;

  /**
   * Deletes media, reserved or available, and answers which of it was there. From the act on it is answered as if it had
   * never been, but its media id is never used again. With `trashMs` the record of available media stays, so that it can
   * be restored (see Trash). Without, the record goes right afterwards, or by and by after a crash, and so does what is in
   * the trash already.
   */
  delete(order: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]>;

  /** Notes that bytes are lost, or there again. Says nothing of those that are known to be so. */
  markBlobs(report: BlobReport, signal: AbortSignal): Promise<void>;

  /** The sequence of the last act; 0 before the first. */
  position(signal: AbortSignal): Promise<number>;

  /** The acts after `sequence`, in order, at most `limit`. */
  after(sequence: number, limit: number, signal: AbortSignal): Promise<readonly Act[]>;

  /** Reads the log in either direction, or parts of it. */
  list(query: ActQuery, signal: AbortSignal): Promise<ActPage>;

  /** What is quarantined by itself, in the order of the subjects' texts after `after` (all are after ''). Looks at `limit` subjects at most. */
  listBans(after: string, limit: number, signal: AbortSignal): Promise<BanPage>;
}
