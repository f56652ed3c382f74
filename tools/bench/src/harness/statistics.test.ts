import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile, spreadOf } from './statistics.ts';

test('the spread of an odd number of measurements has the middle one as its median, in whatever order they came', () => {
  assert.deepEqual(spreadOf([10, 2, 9]), { median: 9, min: 2, max: 10 });
});

test('the median of an even number of measurements lies between the two in the middle', () => {
  assert.equal(spreadOf([4, 1, 2, 10]).median, 3);
});

test('a percentile lies between the two measurements around it, in proportion', () => {
  const values = Array.from({ length: 101 }, (_, index) => index).reverse();
  assert.equal(percentile(values, 0.95), 95);
  assert.equal(percentile([0, 10], 0.25), 2.5);
});

test('nothing measured is an error, not a zero', () => {
  assert.throws(() => spreadOf([]), RangeError);
});
