import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AdaptiveLimit } from './adaptive-limit.ts';

const TICKS_PER_SECOND = 50;

/** A limit that is filled, by a clock that the test moves. */
function fill(t: TestContext, max: number) {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const limit = new AdaptiveLimit(max);
  while (limit.begin());
  return { limit, pass: (ms: number) => void (nowMs += ms) };
}

describe('a limit that adapts', () => {
  it('lets so many begin and no more, until one ends', (t) => {
    const { limit } = fill(t, 3);
    assert.equal(limit.begin(), false);
    limit.end();
    assert.deepEqual([limit.begin(), limit.begin()], [true, false]);
  });

  it('is a fifth lower after it was too much, once for all who say so at once', (t) => {
    const { limit, pass } = fill(t, 100);
    for (let said = 0; said < 10; said += 1) limit.shrink(4);
    assert.equal(limit.now, 80);
    pass(100);
    limit.shrink(4);
    assert.equal(limit.now, 64);
  });

  it('never falls below what is never too much, and not at all where so few are under way', (t) => {
    const { limit, pass } = fill(t, 100);
    for (let round = 0; round < 50; round += 1, pass(100)) limit.shrink(60);
    assert.equal(limit.now, 60);
    for (let ended = 0; ended < 50; ended += 1) limit.end();
    limit.shrink(50);
    assert.equal(limit.now, 60);
    limit.shrink(4);
    assert.equal(limit.now, 40);
  });

  it('goes by what was under way, not by what would have been allowed', (t) => {
    const { limit } = fill(t, 100);
    for (let ended = 0; ended < 50; ended += 1) limit.end();
    limit.shrink(4);
    assert.equal(limit.now, 40);
  });

  it('grows slowly while it is not too much, up to where it began', (t) => {
    const { limit } = fill(t, 100);
    limit.shrink(4);
    for (let tick = 0; tick < TICKS_PER_SECOND; tick += 1) limit.grow();
    assert.ok(limit.now > 85 && limit.now < 100, String(limit.now));
    for (let tick = 0; tick < 3 * TICKS_PER_SECOND; tick += 1) limit.grow();
    assert.equal(limit.now, 100);
  });

  it('grows beyond where it began only if more are needed', () => {
    const limit = new AdaptiveLimit(100, 10);
    const grow = (): void => {
      for (let tick = 0; tick < 30 * TICKS_PER_SECOND; tick += 1) limit.grow();
    };
    grow();
    assert.equal(limit.now, 10);
    while (limit.begin());
    for (let second = 0; second < 30; second += 1) {
      for (let tick = 0; tick < TICKS_PER_SECOND; tick += 1) limit.grow();
      while (limit.begin());
    }
    assert.equal(limit.now, 100);
  });
});
