import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { parseDigest } from '@medley/domain/digest';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { parseServerName } from '@medley/domain/server-name';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { MediaContent } from '../domain/media-record.ts';
import type { NewUpload, Reservation } from './metadata-store.ts';

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
  return { digest, store: COMMON_STORE, sizeBytes: 5_000_000_000, contentType: 'image/png', uploadName: `${letter} ü.png`, frozen: true };
}

/** Content whose bytes no other test has. */
export function ownContent(): MediaContent {
  return { ...contentOf('a'), digest: parseDigest(randomBytes(32).toString('hex')), sizeBytes: 1000 };
}

/** A whole upload by somebody, of bytes that no other test has. */
export function ownUpload(content: MediaContent = ownContent()): NewUpload {
  return { origin: ORIGIN, userId: someone(), content };
}

const ROUNDS = { least: 10, most: 200, withinMs: 5000 };

/** The numbers of a race's rounds: as many as fit into the time, within bounds. */
export function* rounds({ least, most, withinMs } = ROUNDS): Generator<number> {
  const startedAt = performance.now();
  for (let round = 0; round < most && (round < least || performance.now() - startedAt < withinMs); round += 1) yield round;
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
