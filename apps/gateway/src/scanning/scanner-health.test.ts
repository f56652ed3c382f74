import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScannerHealth } from './scanner-health.ts';

describe('the health of a scanner', () => {
  it('bears some failures, but not many in a row', () => {
    const health = new ScannerHealth(() => 0);
    for (let round = 0; round < 10; round += 1) {
      health.fail();
      health.fail();
      assert.deepEqual([health.isWell, health.mayAsk(), health.mayAsk()], [true, true, true]);
      health.succeed();
    }
    for (let failure = 0; failure < 3; failure += 1) health.fail();
    assert.deepEqual([health.isWell, health.mayAsk()], [false, false]);
  });

  it('does not take a name that is said for a file that is examined, but lets a file try then', () => {
    const health = new ScannerHealth(() => 0);
    for (let failure = 0; failure < 3; failure += 1) {
      assert.equal(health.isWell, true);
      health.answer();
      health.fail();
    }
    assert.deepEqual([health.isWell, health.mayAsk()], [false, false]);
    health.answer();
    assert.deepEqual([health.isWell, health.mayAsk(), health.mayAsk()], [false, true, false]);
  });

  it('lets one try when it has rested, for longer each time, and all when it answers', () => {
    let now = 0;
    const health = new ScannerHealth(() => now);
    for (let failure = 0; failure < 3; failure += 1) health.fail();
    const rests: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      rests.push(health.restMs);
      now += health.restMs;
      assert.deepEqual([health.mayAsk(), health.mayAsk()], [true, false]);
      health.fail();
    }
    assert.deepEqual(rests, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    health.succeed();
    assert.deepEqual([health.isWell, health.mayAsk(), health.mayAsk()], [true, true, true]);
  });
});
