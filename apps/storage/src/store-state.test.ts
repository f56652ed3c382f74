import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkStore } from './rpc/check-store.ts';
import { StoreState } from './store-state.ts';

describe('the state of a store', () => {
  it('is asked for once in five seconds, however many want to know, and at once by who must', async () => {
    let [now, asked] = [0, 0];
    const state = new StoreState('s3', { check: async () => void (asked += 1) }, { now: () => now });
    await Promise.all([state.recall(), state.recall(), state.recall()]);
    now = 4999;
    await state.recall();
    assert.equal(asked, 1);
    now = 5000;
    await state.recall();
    assert.equal(asked, 2);
    await state.check();
    assert.equal(asked, 3);
  });

  it('that was bad is told as such until it is asked for again', async () => {
    let [now, isWell] = [0, false];
    const state = new StoreState('s3', { check: async () => isWell ? undefined : Promise.reject(new Error('secret')) }, { now: () => now });
    await assert.rejects(state.check(), /secret/);
    isWell = true;
    const ask = async () => checkStore({ stateOf: () => state })({}, undefined as never); // nothing of the call is looked at
    await assert.rejects(ask, { reason: 'SERVICE_UNAVAILABLE', message: 'The store can’t be used now' });
    assert.equal(state.dependency.state.state, 'failing');
    now = 5000;
    assert.deepEqual(await ask(), {});
    assert.equal(state.dependency.state.state, 'ok');
  });
});
