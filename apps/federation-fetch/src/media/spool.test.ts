import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpoolSpace, type Room } from './spool-space.ts';

const NEVER = new AbortController().signal;

async function withRoom(work: (room: Room, space: SpoolSpace) => Promise<void>, maxBytes = 2 ** 20): Promise<void> {
  const space = new SpoolSpace(maxBytes);
  await work(await space.open(), space);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(bytes)).toString();
}

describe('a spool', () => {
  it('is read while it is written, by several, each from where it wants', () => withRoom(async ({ spool }) => {
    await spool.write(Buffer.from('abc'));
    const readers = [{ offset: 0 }, { offset: 2 }, { offset: 4, length: 1 }, { offset: 10 }].map((span) => textOf(spool.read(span, NEVER)));
    await spool.write(Buffer.from('def'));
    spool.end();
    assert.deepEqual(await Promise.all(readers), ['abcdef', 'cdef', 'e', '']);
  }));

  it('ends a span that is there before the rest has come', () => withRoom(async ({ spool }) => {
    await spool.write(Buffer.from('abc'));
    assert.equal(await textOf(spool.read({ offset: 1, length: 2 }, NEVER)), 'bc');
  }));

  it('fails for all who read, also what is there', () => withRoom(async ({ spool }) => {
    await spool.write(Buffer.from('abc'));
    const waiting = textOf(spool.read({ offset: 3 }, NEVER));
    spool.fail(new Error('cut'));
    await assert.rejects(waiting, { message: 'cut' });
    await assert.rejects(textOf(spool.read({ offset: 0 }, NEVER)), { message: 'cut' });
  }));

  it('lets who waits leave', () => withRoom(async ({ spool }) => {
    const controller = new AbortController();
    const waiting = textOf(spool.read({ offset: 0 }, controller.signal));
    controller.abort(new Error('left'));
    await assert.rejects(waiting, { message: 'left' });
  }));

  it('is read to its end by who began before it was closed, and gives its room back then', () => withRoom(async ({ spool, reserve }, space) => {
    reserve(3);
    await spool.write(Buffer.from('abc'));
    const reader = spool.read({ offset: 0 }, NEVER);
    assert.equal((await reader.next()).done, false);
    spool.end();
    spool.close();
    assert.equal(space.usedBytes, 3);
    assert.equal((await reader.next()).done, true);
    assert.equal(space.usedBytes, 0);
  }));

  it('is not opened again by who begins to read too late, nor its room given back twice', () => withRoom(async ({ spool, reserve }, space) => {
    reserve(3);
    spool.fail(new Error('cut'));
    spool.close();
    await assert.rejects(textOf(spool.read({ offset: 0 }, NEVER)), { message: 'cut' });
    assert.equal(space.usedBytes, 0);
  }));
});

describe('the room for spools', () => {
  it('is bounded, and there again when it was given back', () => withRoom(async (first, space) => {
    first.reserve(6);
    await assert.rejects(space.open(5), { reason: 'BUSY' });
    const second = await space.open(4);
    assert.throws(() => first.reserve(7), { reason: 'BUSY' });
    second.spool.close();
    first.reserve(7);
    assert.equal(space.usedBytes, 7);
  }, 10));

  it('is made by who can when there is none', () => withRoom(async (first, space) => {
    first.reserve(10);
    space.makeRoom = () => first.spool.close();
    await space.open(10);
    assert.equal(space.usedBytes, 10);
  }, 10));
});
