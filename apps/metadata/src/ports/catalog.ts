import type { MxcUri } from '@medley/domain/mxc-uri';
import type { ServerName } from '@medley/domain/server-name';
import type { MediaFilter, Ordering, Position } from '../domain/media-query.ts';
import type { MediaRecord, Quarantine } from '../domain/media-record.ts';

/** Somebody has asked for a media. */
export interface Access {
  readonly uri: MxcUri;
  /** Unix milliseconds. */
  readonly at: number;
}

const MINUTE_MS = 60_000;

/** The minute that a moment is in: nobody needs to know more exactly when media was asked for, and each change is a write. */
export function toMinute(at: number): number {
  return at - (at % MINUTE_MS);
}

/** A part of a list of media. */
export interface MediaQuery {
  readonly filter: MediaFilter;
  readonly ordering: Ordering;
  readonly limit: number;
  /** Only what comes after this. */
  readonly after?: Position;
  /** How many to pass over; reads them all. */
  readonly offset?: number;
}

/** A part of a list of media, in order. */
export interface MediaPage {
  readonly records: readonly MediaRecord[];
  /** The place of the last record; absent if there is none after it. */
  readonly next?: Position;
}

/** What users are ordered by; equals by their ids, ascending. */
export type StatisticsOrder = 'user-id' | 'media-count' | 'media-bytes';

/** Which users of one origin. */
export interface StatisticsQuery {
  readonly origin: ServerName;
  /** Created at or after; Unix milliseconds. */
  readonly from: number;
  /** Created at or before; Unix milliseconds. */
  readonly until?: number;
  /** The local part holds this, without regard to case. */
  readonly search?: string;
  readonly order: StatisticsOrder;
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** The media that counts in statistics. */
export function toUploads({ origin, from, until }: StatisticsQuery): MediaFilter {
  return { kinds: ['local'], origins: [origin], state: 'available', createdFrom: from, ...(until !== undefined && { createdUntil: until }) };
}

/** What one user has uploaded. */
export interface UserStatistics {
  readonly userId: string;
  readonly mediaCount: number;
  readonly mediaBytes: number;
}

/** Some of the users, and how many there are. */
export interface StatisticsPage {
  readonly users: readonly UserStatistics[];
  readonly totalCount: number;
}

/** Finds media by what it is, and knows when it was last asked for. */
export interface Catalog {
  /** Notes when media was asked for, to the minute. An earlier time changes nothing; unknown media is passed over. */
  markAccessed(accesses: readonly Access[], signal: AbortSignal): Promise<void>;

  /**
   * The media that the filter lets through, as it stands now: pending ones too, but none that lapsed or was deleted. Of
   * media that comes, goes or changes between two pages either may be told. Where very many media share their bytes, what
   * happens to these is known of all at once, but for a while they are found by how they stood before: then a page may
   * hold fewer than its limit.
   */
  list(query: MediaQuery, signal: AbortSignal): Promise<MediaPage>;

  /** How many the filter lets through. Reads all of them. */
  count(filter: MediaFilter, signal: AbortSignal): Promise<number>;

  /** What users have uploaded, without images of previews. Reads all media of the origin. */
  statistics(query: StatisticsQuery, signal: AbortSignal): Promise<StatisticsPage>;

  /** Who has quarantined these media, each at its position, whether or not there is a record, or was one. */
  findQuarantines(uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (Quarantine | undefined)[]>;
}
