import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { leastBytesIn, Pace } from './pace.ts';

const STALL_MS = 30_000;

/** A pace by a clock that the test moves. */
function setUp(t: TestContext) {
  let nowMs = 0;
  let isTooSlow = false;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => nowMs);
  const pace = new Pace(STALL_MS, () => void (isTooSlow = true));
  const pass = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const receive = (sizeBytes: number, afterMs: number): void => {
    pace.wait();
    pass(afterMs);
    pace.moved(sizeBytes);
  };
  return { pace, pass, receive, isTooSlow: () => isTooSlow };
}

describe('the pace of a peer', () => {
  it('is too slow when nothing comes at all', (t) => {
    const { pace, pass, isTooSlow } = setUp(t);
    pace.wait();
    pass(STALL_MS - 1);
    assert.equal(isTooSlow(), false);
    pass(1);
    assert.equal(isTooSlow(), true);
  });

  it('is too slow at a byte each second', (t) => {
    const { receive, isTooSlow } = setUp(t);
    for (let second = 0; second < 29; second += 1) receive(1, 1000);
    assert.equal(isTooSlow(), false);
    for (let second = 0; second < 2; second += 1) receive(1, 1000);
    assert.equal(isTooSlow(), true);
  });

  it('is good enough at 4 KiB each second, for as long as it takes', (t) => {
    const { receive, isTooSlow } = setUp(t);
    for (let second = 0; second < 3600; second += 1) receive(4096, 1000);
    assert.equal(isTooSlow(), false);
  });

  it('is too slow when it was fast and then drips', (t) => {
    const { receive, isTooSlow } = setUp(t);
    receive(50 * 2 ** 20, 1000);
    for (let second = 0; second < 31; second += 1) receive(1, 1000);
    assert.equal(isTooSlow(), true);
  });

  it('does not count the time that we take', (t) => {
    const { pass, receive, isTooSlow } = setUp(t);
    for (let round = 0; round < 10; round += 1) {
      receive(1, 1000);
      pass(10 * STALL_MS);
    }
    assert.equal(isTooSlow(), false);
  });

  it('is not told of once it was disposed of', (t) => {
    const { pace, pass, isTooSlow } = setUp(t);
    pace.wait();
    pace[Symbol.dispose]();
    pass(2 * STALL_MS);
    assert.equal(isTooSlow(), false);
  });
});

it('1 KiB has to move in each second, and one byte in any time', () => {
  assert.deepEqual([leastBytesIn(30_000), leastBytesIn(0)], [30_720, 1]);
});
