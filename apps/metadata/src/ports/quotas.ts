import type { Amount, QuotaWish } from '../domain/quota-rules.ts';

/** Room that is kept for an upload. */
export interface QuotaGrant {
  /** Its name; [A-Za-z0-9_-]{1,64}. */
  readonly reservation: string;
  /** What the upload may have, at most what was wished for. */
  readonly bytes: number;
}

/** Room that is not needed any more. */
export interface QuotaRelease {
  readonly userId: string;
  readonly reservation: string;
  /** Whether the upload was recorded: then its record counts instead. `undefined`: nobody knows; it lapses when no record can come any more. */
  readonly isUsed: boolean | undefined;
}

/**
 * Keeps users within limits, by room that is reserved before an upload and given back after it. What a user has is what the
 * records say: local media that is available, in the trash or not; pending media ids are no files yet. To this comes what is
 * reserved, so that whatever comes at once, in however many processes, never more is there than a limit allows. For a moment
 * between the two an upload may count twice, never not at all.
 */
export interface Quotas {
  /** Keeps room for an upload until it is released, or lapses. Throws USER_LIMIT_EXCEEDED. */
  reserve(wish: QuotaWish, signal: AbortSignal): Promise<QuotaGrant>;

  /** Gives room back; to be called once the record is there, or never will be. Does nothing if it has lapsed. */
  release(release: QuotaRelease, signal: AbortSignal): Promise<void>;

  /** What a user has within each of these windows (milliseconds; 0: all), what is reserved included, each at its position. */
  use(userId: string, windowsMs: readonly number[], signal: AbortSignal): Promise<readonly Amount[]>;

  /** Forgets the room that lapsed, of users who do not come any more; `limit` reservations at most. Answers how many. */
  expire(limit: number, signal: AbortSignal): Promise<number>;
}
