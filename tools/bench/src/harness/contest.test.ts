import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './contest.ts';
import type { Round, Side } from './rounds.ts';

const SIDES: readonly Side[] = ['ours', 'other', 'third'].map((name) => ({ name, pids: [], run: () => Promise.resolve({ count: 1, wallMs: 1 }) }));

function round(costs: readonly (readonly [wallMs: number, cpuMs: number | undefined])[], isBusy = false): Round {
  return { isBusy, samples: costs.map(([wallMsPerOp, cpuMsPerOp]) => ({ wallMsPerOp, cpuMsPerOp, foreignCores: 0 })) };
}

test('a ratio above 1 means that the first side needs less', () => {
  const { wall, cpu } = compare([round([[2, 1], [6, 2]])], SIDES, 1);
  assert.deepEqual([wall.median, cpu?.median], [3, 2]);
});

test('each round gives its own ratio, and the median is taken over those', () => {
  const rounds = [round([[1, 1], [2, 1]]), round([[10, 1], [40, 1]]), round([[5, 1], [15, 1]])];
  assert.deepEqual(compare(rounds, SIDES, 1).wall, { median: 3, min: 2, max: 4 });
});

test('the opponent is the one asked for', () => {
  const { wall, against } = compare([round([[1, 1], [2, 1], [7, 1]])], SIDES, 2);
  assert.deepEqual([wall.median, against.name, against.wallMs], [7, 'third', 7]);
});

test('without CPU times there is no ratio of them', () => {
  const { cpu, subject } = compare([round([[1, undefined], [2, 3]])], SIDES, 1);
  assert.deepEqual([cpu, subject.cpuMs], [undefined, undefined]);
});

test('a CPU time of nothing measurable gives no ratio', () => {
  assert.equal(compare([round([[1, 0], [2, 3]])], SIDES, 1).cpu, undefined);
});

test('busy rounds are counted', () => {
  const rounds = [round([[1, 1], [2, 1]], true), round([[1, 1], [2, 1]])];
  const { rounds: all, busyRounds } = compare(rounds, SIDES, 1);
  assert.deepEqual([all, busyRounds], [2, 1]);
});
