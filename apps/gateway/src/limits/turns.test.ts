import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { quietTelemetry } from '@medley/testing/telemetry';
import { Refusals } from './refusals.ts';
import { Turns } from './turns.ts';

const NEVER = new AbortController().signal;

function setUp(parts: { readonly at_once?: number; readonly max_waiting?: number; readonly max_wait?: number } = {}) {
  const turns = new Turns({ at_once: 2, max_waiting: 100, max_wait: 60_000, ...parts }, new Refusals(quietTelemetry().meter));
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const run = (name: string, signal = NEVER) => turns.run({ name, signal }, async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.push(resolve));
    return name;
  });
  /** Ends the work that has run longest. */
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await turn();
  };
  return { run, begun, ends, endOne };
}

describe('turns', () => {
  it('let others’ work begin while one’s own waits', async () => {
    const { run, begun } = setUp();
    for (let count = 0; count < 50; count += 1) void run('x');
    void run('y');
    await turn();
    assert.deepEqual(begun, ['x', 'x', 'y']);
  });

  it('come in order, and all in the end', async () => {
    const { run, begun, ends, endOne } = setUp();
    const results = Promise.all(Array.from({ length: 10 }, () => run('x')));
    for (let ended = 0; ended < 10; ended += 1) {
      await turn();
      assert.ok(ends.length <= 2, `${ends.length} at once`);
      await endOne();
    }
    assert.equal((await results).length, 10);
    void run('x');
    await turn();
    assert.equal(begun.length, 11, 'and whoever comes later need not wait');
  });

  it('go on to the next where work fails', async () => {
    const turns = new Turns({ at_once: 1, max_waiting: 1, max_wait: 1000 }, new Refusals(quietTelemetry().meter));
    await assert.rejects(turns.run({ name: 'x', signal: NEVER }, () => Promise.reject(new Error('broken'))), /broken/);
    assert.equal(await turns.run({ name: 'x', signal: NEVER }, async () => 'well'), 'well');
  });

  it('are refused to whom too much waits for', async () => {
    const { run } = setUp({ max_waiting: 3 });
    for (let count = 0; count < 5; count += 1) void run('x');
    await assert.rejects(run('x'), { reason: 'RATE_LIMITED' });
  });

  it('are refused to those who have waited for too long', async () => {
    const { run, begun, endOne } = setUp({ at_once: 1, max_wait: 20 });
    void run('x');
    await assert.rejects(run('x'), { reason: 'RATE_LIMITED' });
    await endOne();
    void run('x');
    await turn();
    assert.equal(begun.length, 2);
  });

  it('pass over those who have left', async () => {
    const { run, begun, endOne } = setUp({ at_once: 1 });
    const leaving = new AbortController();
    void run('x');
    const left = run('x', leaving.signal);
    void run('x');
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    await endOne();
    assert.equal(begun.length, 2);
  });

  it('are not taken where there is no limit', async () => {
    const { run, begun } = setUp({ at_once: 0 });
    for (let count = 0; count < 50; count += 1) void run('x');
    await turn();
    assert.equal(begun.length, 50);
  });
});
