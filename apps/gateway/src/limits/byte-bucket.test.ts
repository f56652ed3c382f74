import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteBuckets } from './byte-bucket.ts';

function setUp(burst: number, maxBuckets?: number) {
  const clock = { ms: 0 };
  return { clock, buckets: new ByteBuckets({ bytes_per_second: 10, burst }, () => clock.ms, maxBuckets) };
}

describe('a byte bucket', () => {
  it('has room for its burst at first, and less by what was taken', () => {
    const { buckets } = setUp(1000);
    assert.equal(buckets.room('a'), 1000);
    buckets.take('a', 300);
    assert.equal(buckets.room('a'), 700);
    assert.equal(buckets.room('b'), 1000);
  });

  it('gets its room back with time, never more than its burst', () => {
    const { clock, buckets } = setUp(1000);
    buckets.take('a', 300);
    clock.ms = 20_000;
    assert.equal(buckets.room('a'), 900);
    clock.ms = 1_000_000;
    assert.equal(buckets.room('a'), 1000);
  });

  it('keeps account of what was taken beyond its brim', () => {
    const { clock, buckets } = setUp(1000);
    buckets.take('a', 1500);
    clock.ms = 40_000;
    assert.equal(buckets.room('a'), -100);
  });

  it('takes back what was not used', () => {
    const { buckets } = setUp(1000);
    buckets.take('a', 300);
    buckets.take('a', -300);
    assert.equal(buckets.room('a'), 1000);
    buckets.take('a', -300);
    assert.equal(buckets.room('a'), 1000, 'never more than there is');
  });

  it('tells when there will be room', () => {
    const { clock, buckets } = setUp(1000);
    buckets.take('a', 1000);
    assert.equal(buckets.waitMs('a', 50), 5000);
    assert.equal(buckets.waitMs('a', 5000), 100_000, 'more than the burst: when all is empty');
    clock.ms = 5000;
    assert.equal(buckets.waitMs('a', 50), 0);
  });

  it('without a burst limits nothing', () => {
    const { buckets } = setUp(0);
    buckets.take('a', 1e12);
    assert.equal(buckets.room('a'), Number.POSITIVE_INFINITY);
    assert.equal(buckets.waitMs('a', 1e12), 0);
  });

  it('forgets those first that took nothing for longest', () => {
    const { buckets } = setUp(1000, 2);
    buckets.take('a', 500);
    buckets.take('b', 500);
    buckets.take('a', 1);
    buckets.take('c', 500);
    assert.equal(buckets.room('b'), 1000);
    assert.equal(buckets.room('a'), 499);
  });
});
