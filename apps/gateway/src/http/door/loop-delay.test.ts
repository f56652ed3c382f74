import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { LoopDelay } from './loop-delay.ts';

/** What is told when timers that are due each 20 ms come as late as `delaysMs` say. */
function tell(t: TestContext, delaysMs: readonly number[]): readonly number[] {
  let nowMs = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => nowMs);
  const told: number[] = [];
  using _delay = new LoopDelay((ms) => told.push(ms));
  for (const delayMs of delaysMs) {
    nowMs += 20 + delayMs;
    t.mock.timers.tick(20);
  }
  return told;
}

it('a queue that stands is told of from the second turn on, and no more after the first turn in time', (t) => {
  assert.deepEqual(tell(t, [0, 80, 90, 70, 0, 0]), [0, 0, 80, 70, 0, 0]);
});

it('one long step is no queue', (t) => {
  assert.deepEqual(tell(t, [0, 500, 0, 500, 0]), [0, 0, 0, 0, 0]);
});
