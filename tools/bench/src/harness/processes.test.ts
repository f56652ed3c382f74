import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStat } from './processes.ts';

test('a stat line is read by its fields even where the name of the process holds brackets and spaces', () => {
  const before = 'S 41 0 0 0 0 0 0 0 0 0 7 5 2 1 20 0 11 0 900 123456 300 99';
  assert.deepEqual(parseStat(`42 (a) (b c) ${before}`), { pid: 42, parentPid: 41, cpuMs: 150, residentBytes: 300 * 4096 });
});
