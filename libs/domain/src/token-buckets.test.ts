import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBuckets, type PermitClaim } from './token-buckets.ts';

function setUp(maxBuckets?: number) {
  const clock = { ms: 0 };
  const buckets = new TokenBuckets(() => clock.ms, maxBuckets);
  const take = (bucket: string, wanted: number, parts: Partial<PermitClaim> = {}) => {
    const { granted, left } = buckets.take({ bucket, perSecond: 10, burst: 1000, wanted, partial: false, forced: false, ...parts });
    return [granted, left];
  };
  return { clock, take };
}

describe('a token bucket', () => {
  it('is full at first, and has less by what was taken', () => {
    const { take } = setUp();
    assert.deepEqual(take('a', 300), [300, 700]);
    assert.deepEqual(take('a', 0), [0, 700]);
    assert.deepEqual(take('b', 0), [0, 1000]);
  });

  it('gets back with time what was taken, never more than it holds', () => {
    const { clock, take } = setUp();
    take('a', 300);
    clock.ms = 20_000;
    assert.deepEqual(take('a', 0), [0, 900]);
    clock.ms = 1_000_000;
    assert.deepEqual(take('a', 0), [0, 1000]);
  });

  it('grants all or nothing, or what there is to whom less is of use', () => {
    const { take } = setUp();
    assert.deepEqual(take('a', 1001), [0, 1000]);
    assert.deepEqual(take('a', 1001, { partial: true }), [1000, 0]);
    assert.deepEqual(take('a', 1, { partial: true }), [0, 0]);
  });

  it('owes what was forced from it, and grants nothing until that has come back', () => {
    const { clock, take } = setUp();
    assert.deepEqual(take('a', 1500, { forced: true }), [1500, -500]);
    assert.deepEqual(take('a', 1, { partial: true }), [0, -500]);
    clock.ms = 50_100;
    assert.deepEqual(take('a', 1), [1, 0]);
  });

  it('takes back what was not used, never more than it holds', () => {
    const { take } = setUp();
    take('a', 300);
    assert.deepEqual(take('a', -200), [-200, 900]);
    assert.deepEqual(take('a', -200), [-200, 1000]);
  });

  it('is forgotten first if it was not used for longest', () => {
    const { take } = setUp(2);
    take('a', 500);
    take('b', 500);
    take('a', 1);
    take('c', 500);
    assert.deepEqual(take('a', 0), [0, 499]);
    assert.deepEqual(take('b', 0), [0, 1000]);
  });
});
