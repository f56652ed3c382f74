import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { yieldAll } from './lists.fixture.ts';
import { mapInOrder } from './map-in-order.ts';

/** Work that ends when it is told. */
class Desk {
  readonly running = new Map<number, PromiseWithResolvers<number>>();
  most = 0;

  work = (item: number): Promise<number> => {
    const job = Promise.withResolvers<number>();
    this.running.set(item, job);
    this.most = Math.max(this.most, this.running.size);
    return job.promise.finally(() => this.running.delete(item));
  };
}

describe('mapInOrder', () => {
  it('yields in the order of the items, whatever ends first', async () => {
    const desk = new Desk();
    const results = mapInOrder(yieldAll([1, 2]), 2, desk.work);
    const first = results.next();
    while (desk.running.size < 2) await Promise.resolve();
    desk.running.get(2)?.resolve(20);
    desk.running.get(1)?.resolve(10);
    assert.equal((await first).value, 10);
    assert.equal((await results.next()).value, 20);
    assert.equal((await results.next()).done, true);
  });

  it('has no more under way than it may', async () => {
    const desk = new Desk();
    const all = Array.fromAsync(mapInOrder([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      const done = desk.work(item);
      setImmediate(() => desk.running.get(item)?.resolve(item));
      return done;
    }));
    assert.deepEqual(await all, [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(desk.most, 3);
  });

  it('waits for what is under way before it fails', async () => {
    const desk = new Desk();
    const all = Array.fromAsync(mapInOrder(yieldAll([1, 2]), 2, desk.work));
    let isOver = false;
    all.catch(() => (isOver = true));
    while (desk.running.size < 2) await Promise.resolve();
    desk.running.get(1)?.reject(new Error('broken'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isOver, false);
    desk.running.get(2)?.resolve(2);
    await assert.rejects(all, /broken/);
  });
});
