import assert from 'node:assert/strict';
import { it } from 'node:test';
import { homeserverUnavailable } from './ask-homeserver.ts';
import { Circuit } from './circuit.ts';

it('a crowd of failures at once is one pause, and each probe that fails makes it longer', async () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  const fail = () => circuit.run(() => Promise.reject(homeserverUnavailable(undefined))).catch(() => {});
  await Promise.all(Array.from({ length: 100 }, fail));
  for (const pauseMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    now += pauseMs - 1;
    assert.equal(circuit.isResting, true);
    now += 1;
    assert.equal(circuit.isResting, false);
    await fail();
  }
  assert.equal(circuit.isOpen, true);
});

it('what was begun before lets nobody try besides the one that does', async () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  const slow = Promise.withResolvers<never>();
  const late = circuit.run(() => slow.promise);
  for (let round = 0; round < 5; round += 1) await assert.rejects(circuit.run(() => Promise.reject(homeserverUnavailable(undefined))));
  now = 1000;
  const probe = Promise.withResolvers<string>();
  const probing = circuit.run(() => probe.promise);
  slow.reject(homeserverUnavailable(undefined));
  await assert.rejects(late);
  now = 20_000;
  assert.equal(circuit.isResting, true);
  probe.resolve('back');
  assert.equal(await probing, 'back');
  assert.equal(circuit.isOpen, false);
});
