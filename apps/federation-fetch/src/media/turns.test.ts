import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from './turns.ts';

const NEVER = new AbortController().signal;
const LIMITS = { max: 10, maxPerServer: 3, maxQueued: 6, maxWaitMs: 60_000 };

async function hasCome(turn: Promise<unknown>): Promise<boolean> {
  return Promise.race([turn.then(() => true), nextTurn(false)]);
}

describe('turns', () => {
  it('come to so many of one server at once, and then in order', async () => {
    const turns = new Turns(LIMITS);
    const [first, , , fourth, fifth] = [1, 2, 3, 4, 5].map(() => turns.take('a', NEVER));
    assert.deepEqual([turns.running, turns.waiting], [3, 2]);
    assert.ok(first !== undefined && fourth !== undefined && fifth !== undefined);
    (await first)[Symbol.dispose]();
    assert.deepEqual([await hasCome(fourth), await hasCome(fifth)], [true, false]);
  });

  it('are given back once, however often that is said', async () => {
    const turns = new Turns(LIMITS);
    const turn = await turns.take('a', NEVER);
    await turns.take('a', NEVER);
    turn[Symbol.dispose]();
    turn[Symbol.dispose]();
    assert.equal(turns.running, 1);
  });

  it('are had at once by a server that has none while half as many others as there are places hold on to all they can get', async () => {
    const turns = new Turns(LIMITS);
    const tarpits = ['a', 'b', 'c', 'd', 'e'].flatMap((name) => Array.from({ length: 20 }, () => turns.take(name, NEVER).catch(() => {})));
    assert.equal(await hasCome(turns.take('good', NEVER)), true);
    assert.ok(turns.running <= LIMITS.max && turns.waiting <= LIMITS.maxQueued, `${tarpits.length} asked`);
  });

  it('leave half of the places to wait in to servers of which nobody waits', async () => {
    const turns = new Turns({ ...LIMITS, max: 1 });
    await turns.take('a', NEVER);
    for (let index = 0; index < 3; index += 1) void turns.take('a', NEVER);
    await assert.rejects(turns.take('a', NEVER), { reason: 'BUSY' });
    for (const name of ['b', 'c', 'd']) void turns.take(name, NEVER);
    await assert.rejects(turns.take('e', NEVER), { reason: 'BUSY' });
    assert.equal(turns.waiting, 6);
  });

  it('go past those whose server has enough', async () => {
    const turns = new Turns({ ...LIMITS, maxPerServer: 1, max: 2 });
    const [a, b] = [await turns.take('a', NEVER), await turns.take('b', NEVER)];
    const [secondA, c] = [turns.take('a', NEVER), turns.take('c', NEVER)];
    b[Symbol.dispose]();
    assert.deepEqual([await hasCome(secondA), await hasCome(c)], [false, true]);
    a[Symbol.dispose]();
    assert.equal(await hasCome(secondA), true);
  });

  it('are not waited for by those who left, and not for longer than is allowed', async () => {
    const turns = new Turns({ ...LIMITS, max: 1, maxWaitMs: 5 });
    const turn = await turns.take('a', NEVER);
    const controller = new AbortController();
    const left = turns.take('b', controller.signal);
    controller.abort(new Error('left'));
    await assert.rejects(left, { message: 'left' });
    // The limit itself keeps no process alive.
    const alive = setTimeout(() => {}, 1000);
    await assert.rejects(turns.take('c', NEVER), { reason: 'BUSY' });
    clearTimeout(alive);
    assert.equal(turns.waiting, 0);
    turn[Symbol.dispose]();
    assert.equal(await hasCome(turns.take('d', NEVER)), true);
  });
});
