import assert from 'node:assert/strict';
import { it } from 'node:test';
import { digestBefore, fractionOf, LAST_DIGEST } from './digest-order.ts';
import { inBatches } from './in-batches.ts';
import { digestOf, yieldAll } from './lists.fixture.ts';

it('the digest before another is right before it, and there is none before the first', () => {
  assert.equal(digestBefore(digestOf('1')), digestOf('0').replaceAll('0', 'f').replace(/^./, '0'));
  assert.equal(digestBefore(LAST_DIGEST), LAST_DIGEST.replace(/.$/, 'e'));
  assert.equal(digestBefore(`${'0'.repeat(63)}1`), '0'.repeat(64));
  assert.equal(digestBefore('0'.repeat(64)), undefined);
});

it('a digest tells how much of all lies before it', () => {
  assert.equal(fractionOf(digestOf('0')), 0);
  assert.equal(fractionOf(digestOf('8')), 0.5);
  assert.ok(fractionOf(LAST_DIGEST) < 1);
});

it('batches are full but for the last', async () => {
  assert.deepEqual(await Array.fromAsync(inBatches(yieldAll([1, 2, 3, 4, 5]), 2)), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(await Array.fromAsync(inBatches(yieldAll([1, 2]), 2)), [[1, 2]]);
  assert.deepEqual(await Array.fromAsync(inBatches(yieldAll([]), 2)), []);
});
