import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideOnQuota, type Amount, type QuotaLimit, type QuotaWish } from './quota-rules.ts';

const NOTHING: Amount = { bytes: 0, files: 0 };
const HOUR = 3_600_000;

describe('deciding on a quota', () => {
  it('asks for no sum where there is no limit', () => {
    assert.deepEqual(decideOnQuota(wishOf(10), new Map(), NOTHING), { kind: 'granted', bytes: 10 });
  });

  it('asks for the longest window first, and for no shorter one where all of the longer one would fit', () => {
    const limits = [limitOf(HOUR, 100), limitOf(0, 1000), limitOf(24 * HOUR, 500)];
    assert.deepEqual(decideOnQuota(wishOf(10, limits), new Map(), NOTHING), { kind: 'unknown', windowMs: 0 });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 90]), NOTHING), { kind: 'granted', bytes: 10 });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 91]), NOTHING), { kind: 'unknown', windowMs: HOUR });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 91], [HOUR, 90]), NOTHING), { kind: 'granted', bytes: 10 });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 91], [HOUR, 91]), NOTHING), { kind: 'refused' });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 600]), NOTHING), { kind: 'unknown', windowMs: 24 * HOUR });
  });

  it('counts what others have reserved', () => {
    const limits = [limitOf(0, 100, 3)];
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 40]), { bytes: 50, files: 1 }), { kind: 'granted', bytes: 10 });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 40]), { bytes: 51, files: 1 }), { kind: 'refused' });
    assert.deepEqual(decideOnQuota(wishOf(10, limits), sums([0, 40]), { bytes: 0, files: 2 }), { kind: 'refused' });
  });

  it('gives less to who takes less, but not by a sum of more than the window', () => {
    const limits = [limitOf(0, 1000), limitOf(HOUR, 100)];
    const wish = { ...wishOf(50, limits), isPartial: true };
    assert.deepEqual(decideOnQuota(wish, sums([0, 80]), NOTHING), { kind: 'unknown', windowMs: HOUR });
    assert.deepEqual(decideOnQuota(wish, sums([0, 80], [HOUR, 70]), NOTHING), { kind: 'granted', bytes: 30 });
    assert.deepEqual(decideOnQuota(wish, sums([0, 100], [HOUR, 100]), NOTHING), { kind: 'refused' });
  });
});

function limitOf(windowMs: number, maxBytes: number, maxFiles?: number): QuotaLimit {
  return { windowMs, maxBytes, maxFiles };
}

function wishOf(bytes: number, limits: readonly QuotaLimit[] = []): QuotaWish {
  return { userId: '@a:example.org', bytes, isPartial: false, limits, lifetimeMs: HOUR };
}

/** Each of one file. */
function sums(...known: readonly (readonly [windowMs: number, bytes: number])[]): ReadonlyMap<number, Amount> {
  return new Map(known.map(([windowMs, bytes]) => [windowMs, { bytes, files: 1 }]));
}
