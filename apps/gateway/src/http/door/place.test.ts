import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { Place } from './place.ts';

/** A limit of one, and the place that is taken of it. */
function setUp() {
  const limit = new AdaptiveLimit(1);
  limit.begin();
  return { limit, place: new Place(limit) };
}

describe('a place', () => {
  it('is free for others while its request waits, and taken again however full it is then', () => {
    const { limit, place } = setUp();
    assert.equal(limit.begin(), false);
    place.stepAside();
    assert.equal(limit.begin(), true);
    place.stepBack();
    limit.end();
    assert.equal(limit.begin(), false, 'the first works again');
  });

  it('is given back once, however its request ends', () => {
    const ways: ((place: Place) => void)[] = [
      (place) => place.leave(),
      (place) => [place.stepAside(), place.stepAside(), place.leave()],
      (place) => [place.stepAside(), place.stepBack(), place.stepBack(), place.leave(), place.leave()],
      (place) => [place.stepAside(), place.leave(), place.stepBack()],
    ];
    for (const end of ways) {
      const { limit, place } = setUp();
      end(place);
      assert.deepEqual([limit.begin(), limit.begin()], [true, false]);
    }
  });
});
