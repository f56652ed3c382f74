import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Turns } from './turns.ts';

const forever = new AbortController().signal;

describe('Turns', () => {
  it('lets so many work, so many wait, and refuses the rest', async () => {
    const turns = new Turns(1, 1, 'Too many');
    const gate = Promise.withResolvers<string>();
    const working = turns.run(() => gate.promise, forever);
    const waiting = turns.run(async () => 'second', forever);
    await assert.rejects(turns.run(async () => 'third', forever), { reason: 'BUSY', message: 'Too many' });
    gate.resolve('first');
    assert.deepEqual(await Promise.all([working, waiting]), ['first', 'second']);
    assert.equal(turns.working, 0);
  });

  it('gives up the place of who leaves', async () => {
    const turns = new Turns(1, 1, 'Too many');
    const gate = Promise.withResolvers<string>();
    const working = turns.run(() => gate.promise, forever);
    const leaving = new AbortController();
    const left = turns.run(async () => 'never', leaving.signal);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    const next = turns.run(async () => 'next', forever);
    gate.resolve('first');
    assert.deepEqual(await Promise.all([working, next]), ['first', 'next']);
    assert.equal(turns.working, 0);
  });
});
