import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Dependency } from './dependency.ts';
import { listMissing } from './list-missing.ts';

const isWell = async (): Promise<void> => {};
const isAway = (): Promise<never> => Promise.reject(new Error('away'));

it('names what fails and is required, and notes how all are', async () => {
  const [store, parser, cache, room] = [new Dependency('store'), new Dependency('parser'), new Dependency('cache', { isRequired: false }), new Dependency('room')];
  const asked = [{ dependency: store, ask: isAway }, { dependency: parser, ask: isWell }, { dependency: cache, ask: isAway }, { dependency: room, ask: isAway }];
  assert.deepEqual(await listMissing(asked), ['store', 'room']);
  assert.deepEqual([store, parser, cache, room].map(({ state }) => state.state), ['failing', 'ok', 'failing', 'failing']);
});
