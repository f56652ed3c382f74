import type { MediaId } from '@medley/domain/media-id';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import type { StoreCalls } from '@medley/telemetry/store-calls';
import type { AvailableMedia, MediaContent, MediaRecord, PendingMedia } from '../domain/media-record.ts';
import type { ActLog } from './act-log.ts';
import type { Catalog } from './catalog.ts';
import type { Inventory } from './inventory.ts';
import type { Jobs } from './jobs.ts';
import type { Leases } from './leases.ts';
import type { PreviewShelf } from './preview-shelf.ts';
import type { Quotas } from './quotas.ts';
import type { Removals } from './removals.ts';
import type { RoomIndex } from './room-index.ts';
import type { Trash } from './trash.ts';
import type { Verdicts } from './verdicts.ts';

/** A media id that a user wants to upload to later. */
export interface Reservation {
  readonly origin: ServerName;
  readonly userId: string;
  /** Unix milliseconds. */
  readonly unusedExpiresAt: number;
  /** How many pending uploads the user may have that have not expired, this one included; 0 means no limit. */
  readonly maxPending: number;
}

/** An upload to a reserved media id that begins. */
export interface Claim {
  readonly userId: string;
  /** How long the claim keeps the media id alive, in milliseconds. */
  readonly claimMs: number;
}

/** An upload whose blob is durable. */
export interface FinishedUpload {
  readonly userId: string;
  readonly content: MediaContent;
}

/** A finished upload that has no media id yet. */
export interface NewUpload extends FinishedUpload {
  readonly origin: ServerName;
  /** On the image of a URL preview alone: when it may be removed. Unix milliseconds. */
  readonly expiresAt?: number;
  /** On the image of a URL preview alone: the URL that was previewed. */
  readonly sourceUrl?: string;
}

/** What a store takes from its surroundings; the defaults are the real ones. */
export interface StoreOptions {
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Proposes a media id; one that was used before is passed over. */
  readonly mint?: (now: number) => MediaId;
  /** Times the calls to the database. */
  readonly calls?: StoreCalls;
}

/**
 * Keeps the media records. Several processes may open the same store; every promise here holds across all of them.
 *
 * Every method throws SERVICE_UNAVAILABLE while the store can't be reached and TIMED_OUT where it does not answer. When
 * `signal` aborts they reject with its reason; what was being written may then still be, as a whole.
 */
export interface MetadataStore extends AsyncDisposable {
  readonly acts: ActLog;
  readonly trash: Trash;
  readonly leases: Leases;
  readonly jobs: Jobs;
  readonly removals: Removals;
  readonly inventory: Inventory;
  readonly previews: PreviewShelf;
  readonly rooms: RoomIndex;
  readonly catalog: Catalog;
  readonly verdicts: Verdicts;
  readonly quotas: Quotas;

  /** Keeps a new media id for a user. Throws PENDING_LIMIT, with the time until the first of the user's others expires. */
  reserve(reservation: Reservation, signal: AbortSignal): Promise<PendingMedia>;

  /**
   * Keeps a reserved media id alive while it is uploaded to, and answers with the claim's name. Not exclusive: a later
   * claim takes the place of an earlier one. Throws NOT_FOUND (unknown or lapsed), NOT_CREATOR, then CANNOT_OVERWRITE.
   */
  claim(uri: MxcUri, claim: Claim, signal: AbortSignal): Promise<string>;

  /**
   * Makes a reserved media id available, durably. Of several commits exactly one succeeds. Does not ask whether the media
   * id has lapsed, so that an upload under way may finish. Throws NOT_FOUND, NOT_CREATOR, then CANNOT_OVERWRITE; and
   * SERVICE_UNAVAILABLE if the bytes are just being removed: then the media id stays pending.
   */
  commit(uri: MxcUri, upload: FinishedUpload, signal: AbortSignal): Promise<AvailableMedia>;

  /** Ends a claim. Does nothing if another has taken its place, or the upload was committed. */
  abandon(uri: MxcUri, claim: string, signal: AbortSignal): Promise<void>;

  /** Records a whole upload, durably, under a media id of its own. Throws SERVICE_UNAVAILABLE if the bytes are just being removed. */
  record(upload: NewUpload, signal: AbortSignal): Promise<AvailableMedia>;

  /**
   * Records a copy of another server's media, durably, and answers the one that is kept: of several the first. What was
   * deleted before is there again. Throws SERVICE_UNAVAILABLE if the bytes are just being removed, and CANNOT_OVERWRITE
   * if it is media of our own.
   */
  recordRemote(uri: MxcUri, content: MediaContent, signal: AbortSignal): Promise<AvailableMedia>;

  /** The records of `uris`, each at its position: `undefined` where there is none or it was deleted. Lapsed ones are among them. */
  find(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]>;

  /** Throws a MediaError that says to operators what keeps the store from working, if anything does. */
  check(signal: AbortSignal): Promise<void>;
}
