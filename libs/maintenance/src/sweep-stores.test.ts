import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { digestOf } from './lists.fixture.ts';
import { B_STORE, FakeStores } from './stores.fixture.ts';
import { sweep } from './sweep.ts';

const [ONE, OTHER] = [digestOf('1'), digestOf('2')];

describe('a sweep of several stores', () => {
  it('removes from each what no record names there, whatever is named elsewhere, and tells the sums', async () => {
    const stores = new FakeStores();
    for (const store of [COMMON_STORE, B_STORE]) for (const digest of [ONE, OTHER]) stores.put(store, digest);
    stores.put(B_STORE, ONE, 'crop-32x32');
    stores.name(COMMON_STORE, ONE);
    const first = await sweep(stores.context());
    assert.deepEqual([first.condemned, first.removed, first.stagingRemoved, stores.stagingSweeps], [3, 0, 1, 1]);
    const second = await sweep(stores.context());
    assert.deepEqual([second.removed, second.freedBytes, second.failed], [3, 45, 0]);
    assert.deepEqual([stores.has(COMMON_STORE, ONE), stores.has(COMMON_STORE, OTHER), stores.has(B_STORE, ONE), stores.has(B_STORE, OTHER)], [true, false, false, false]);
  });

  it('removes with a wait what it has condemned itself, in each', async () => {
    const stores = new FakeStores();
    for (const store of [COMMON_STORE, B_STORE]) stores.put(store, ONE);
    const { removed, condemned } = await sweep(stores.context(), { wait: true });
    assert.deepEqual([removed, condemned, stores.has(COMMON_STORE, ONE), stores.has(B_STORE, ONE)], [2, 0, false, false]);
  });

  it('counts in a dry run what each would lose, and removes nothing', async () => {
    const stores = new FakeStores();
    for (const store of [COMMON_STORE, B_STORE]) stores.put(store, ONE);
    const { condemned, removed } = await sweep(stores.context({ dryRun: true }), { wait: true });
    assert.deepEqual([condemned, removed, stores.has(COMMON_STORE, ONE), stores.has(B_STORE, ONE)], [2, 0, true, true]);
  });

  for (const [away, there, name] of [[COMMON_STORE, B_STORE, 'the common store'], [B_STORE, COMMON_STORE, 'the store of b.example']] as const) {
    it(`goes on where ${name} is away, and says so in the end`, async () => {
      const stores = new FakeStores();
      for (const store of [COMMON_STORE, B_STORE]) stores.put(store, ONE);
      stores.setAway(away, true);
      await assert.rejects(sweep(stores.context(), { wait: true }), { reason: 'SERVICE_UNAVAILABLE', message: `${name}: storage is not available` });
      assert.deepEqual([stores.has(there, ONE), stores.stagingSweeps], [false, 1]);
      stores.setAway(away, false);
      assert.equal(stores.has(away, ONE), true);
      assert.equal((await sweep(stores.context(), { wait: true })).removed, 1);
    });
  }

  it('fails as it ever did where there is only the common store', async () => {
    const stores = new FakeStores();
    stores.setAway(COMMON_STORE, true);
    await assert.rejects(sweep(stores.context({ stores: [COMMON_STORE] })), { message: 'storage is not available' });
  });

  it('leaves a store alone that it is not told of', async () => {
    const stores = new FakeStores();
    stores.put(B_STORE, ONE);
    await sweep(stores.context({ stores: [COMMON_STORE] }), { wait: true });
    assert.equal(stores.has(B_STORE, ONE), true);
  });

  it('comes to no further store once it is interrupted', async () => {
    const stores = new FakeStores();
    for (const store of [COMMON_STORE, B_STORE]) stores.put(store, ONE);
    await sweep(stores.context());
    const interruption = new AbortController();
    stores.beforeDelete = async () => {
      interruption.abort(new Error('interrupted'));
      interruption.signal.throwIfAborted();
    };
    await assert.rejects(sweep(stores.context({ signal: interruption.signal })), /interrupted/);
    assert.deepEqual([stores.has(COMMON_STORE, ONE), stores.has(B_STORE, ONE), stores.stagingSweeps], [true, true, 1]);
  });

  it('says in which store it is, but for the common one', async () => {
    const stores = new FakeStores();
    for (const store of [COMMON_STORE, B_STORE]) stores.put(store, ONE);
    await sweep(stores.context());
    assert.deepEqual(stores.told.map(({ step, store }) => [step, store]), [['condemn', undefined], ['condemn', B_STORE], ['staging', undefined]]);
  });
});
