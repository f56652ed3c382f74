import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { parseDigest } from '@medley/domain/digest';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { parseServerName } from '@medley/domain/server-name';
import type { MediaContent } from '../domain/media-record.ts';
import type { Reservation } from './metadata-store.ts';

/** Whose media tests speak of. */
export const ORIGIN = parseServerName('example.org');

/** Longer than any test. */
export const HOUR_MS = 3_600_000;

/** A limit for what should never take long. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** A user that no other test has. */
export function someone(): string {
  return `@${randomUUID()}:example.org`;
}

/** Content that differs for each letter. */
export function contentOf(letter: string): MediaContent {
  const digest = parseDigest(Buffer.from(letter).toString('hex').padStart(64, '0'));
  return { digest, sizeBytes: 5_000_000_000, contentType: 'image/png', uploadName: `${letter} ü.png`, frozen: true };
}

/** A reservation for an hour, without a limit. */
export function reservationOf(userId: string, changes: Partial<Reservation> = {}): Reservation {
  return { origin: ORIGIN, userId, unusedExpiresAt: Date.now() + HOUR_MS, maxPending: 0, ...changes };
}

/** For assert.rejects: a MediaError with this reason. */
export function because(reason: MediaErrorReason): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof MediaError, `expected a MediaError, not ${String(error)}`);
    assert.equal(error.reason, reason);
    return true;
  };
}
