import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { Slots } from './slots.ts';

const forever = new AbortController().signal;

describe('Slots', () => {
  it('hands a slot on to whoever waits longest', async () => {
    const slots = new Slots({ slots: 1, maxQueued: 2, maxWaitMs: 60_000 });
    const order: string[] = [];
    const first = await slots.take(forever);
    const waiting = ['second', 'third'].map(async (name) => {
      using _slot = await slots.take(forever);
      order.push(name);
    });
    assert.deepEqual([slots.busy, slots.queued], [1, 2]);
    first[Symbol.dispose]();
    await Promise.all(waiting);
    assert.deepEqual(order, ['second', 'third']);
    assert.deepEqual([slots.busy, slots.queued], [0, 0]);
  });

  it('answers BUSY with a hint when the queue is full', async () => {
    const slots = new Slots({ slots: 1, maxQueued: 0, maxWaitMs: 60_000 });
    using _slot = await slots.take(forever);
    await assert.rejects(slots.take(forever), { reason: 'BUSY', retryAfterMs: 1000 });
  });

  it('answers BUSY when the wait gets too long', async () => {
    const slots = new Slots({ slots: 1, maxQueued: 1, maxWaitMs: 20 });
    using _slot = await slots.take(forever);
    await assert.rejects(slots.take(forever), { reason: 'BUSY' });
    assert.equal(slots.queued, 0);
  });

  it('gives the place back when somebody leaves the queue', async () => {
    const slots = new Slots({ slots: 1, maxQueued: 1, maxWaitMs: 60_000 });
    const first = await slots.take(forever);
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    leaving.abort(new Error('left'));
    const next = slots.take(forever);
    await assert.rejects(left, /left/);
    first[Symbol.dispose]();
    (await next)[Symbol.dispose]();
    assert.deepEqual([slots.busy, slots.queued], [0, 0]);
  });

  it('loses no slot when somebody leaves at the moment one becomes free', async () => {
    const slots = new Slots({ slots: 1, maxQueued: 1, maxWaitMs: 60_000 });
    const first = await slots.take(forever);
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    leaving.abort(new Error('left'));
    first[Symbol.dispose]();
    await assert.rejects(left, /left/);
    await eventually(() => assert.equal(slots.busy, 0));
  });
});
