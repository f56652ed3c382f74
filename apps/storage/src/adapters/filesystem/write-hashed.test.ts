import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropBytes } from './write-hashed.ts';

const chunks = ['abc', '', 'de', 'f'].map((text) => Buffer.from(text));
const left = (count: number): string[] => dropBytes(chunks, count).map((chunk) => Buffer.from(chunk).toString());

test('goes on after a short write exactly where it stopped', () => {
  assert.deepEqual(left(0), ['abc', '', 'de', 'f']);
  assert.deepEqual(left(2), ['c', '', 'de', 'f']);
  assert.deepEqual(left(3), ['de', 'f']);
  assert.deepEqual(left(4), ['e', 'f']);
  assert.deepEqual(left(5), ['f']);
});

test('has nothing left after everything was written', () => {
  assert.deepEqual(left(6), []);
});
