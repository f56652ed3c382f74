import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { because, contentOf, ORIGIN } from '../ports/samples.contract.ts';
import { isLapsed, requireLive, toAvailableMedia, toPendingMedia, type PendingMedia } from './media-record.ts';

const NOW = 1_000_000;
const CREATION = { uri: { origin: ORIGIN, mediaId: mintMediaId(NOW) }, userId: '@alice:example.org', createdAt: NOW };
const AVAILABLE = toAvailableMedia(CREATION, contentOf('a'));

function pending(unusedExpiresAt: number, claimedUntil?: number): PendingMedia {
  return toPendingMedia(CREATION, unusedExpiresAt, claimedUntil);
}

test('a media id lapses at its expiry, or at the end of its claim if that is later', () => {
  assert.equal(isLapsed(pending(NOW + 1), NOW), false);
  assert.equal(isLapsed(pending(NOW), NOW), true);
  assert.equal(isLapsed(pending(NOW, NOW + 1), NOW), false);
  assert.equal(isLapsed(pending(NOW, NOW), NOW), true);
  assert.equal(isLapsed(pending(NOW + 1, NOW - 1), NOW), false);
});

test('available media never lapses', () => {
  assert.equal(isLapsed(AVAILABLE, Number.MAX_SAFE_INTEGER), false);
});

test('what is unknown or lapsed is not found', () => {
  assert.throws(() => requireLive(undefined, NOW), because('NOT_FOUND'));
  assert.throws(() => requireLive(pending(NOW), NOW), because('NOT_FOUND'));
  assert.equal(requireLive(AVAILABLE, NOW), AVAILABLE);
});
