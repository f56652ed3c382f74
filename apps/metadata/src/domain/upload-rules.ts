import { MediaError } from '@medley/domain/media-error';
import { notFound, requireLive, type MediaRecord, type PendingMedia } from './media-record.ts';

/** What a user who was refused because of a race, not because of old uploads, waits before trying again. */
const CONTENTION_RETRY_MS = 1000;

/** Passes on a record that this user may upload to now. Throws NOT_FOUND, NOT_CREATOR, then CANNOT_OVERWRITE. */
export function requireClaimable(record: MediaRecord | undefined, userId: string, now: number): PendingMedia {
  return requireCommittable(requireLive(record, now), userId);
}

/**
 * Passes on a record whose upload this user may finish: also when it has lapsed meanwhile, for the upload was under way
 * before. Throws NOT_FOUND, NOT_CREATOR, then CANNOT_OVERWRITE.
 */
export function requireCommittable(record: MediaRecord | undefined, userId: string): PendingMedia {
  if (record === undefined) throw notFound();
  if (record.userId !== userId) throw new MediaError('NOT_CREATOR', 'Only the creator of a media ID may upload to it');
  if (record.state === 'available') throw cannotOverwrite();
  return record;
}

/** The refusal of a second upload to a media id. */
export function cannotOverwrite(): MediaError {
  return new MediaError('CANNOT_OVERWRITE', 'This media ID already has its content');
}

/** The refusal of one more pending upload; it helps to try again when the first of the others lapses, if that is known. */
export function pendingLimit(firstLapseAt: number | undefined, now: number): MediaError {
  const retryAfterMs = firstLapseAt === undefined ? CONTENTION_RETRY_MS : Math.max(0, firstLapseAt - now);
  return new MediaError('PENDING_LIMIT', 'Too many media IDs are waiting for their uploads', { retryAfterMs });
}
