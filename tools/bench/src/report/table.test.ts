import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, RatioFinding } from '../harness/finding.ts';
import { toTable } from './table.ts';

const RATIO: RatioFinding = {
  kind: 'ratio',
  row: 'download',
  what: 'small: ours against theirs',
  goal: '>= 0.70',
  wall: { median: 0.8149, min: 0.7, max: 0.95 },
  cpu: { median: 0.75, min: 0.7, max: 0.8 },
  subject: { name: 'ours', wallMs: 0.04, cpuMs: 0.035 },
  against: { name: 'theirs', wallMs: 12.34, cpuMs: undefined },
  rounds: 7,
  busyRounds: 0,
};

function cellsOf(finding: Finding): readonly string[] {
  return (toTable([finding]).split('\n')[1] ?? '').split(/ {2,}/);
}

test('a ratio shows its median, its spread, the CPU beside it, the goal, and what each side took', () => {
  const each = '40.0 us (35.0 us CPU) / 12.3 ms';
  assert.deepEqual(cellsOf(RATIO), ['download', 'small: ours against theirs', '0.81 x', '0.70..0.95', '0.75 x', '>= 0.70', each]);
});

test('rounds that others disturbed are marked', () => {
  assert.match(toTable([{ ...RATIO, busyRounds: 3 }]), /; 3 of 7 rounds busy$/);
});

test('a ratio without CPU times shows that there are none', () => {
  assert.equal(cellsOf({ ...RATIO, cpu: undefined })[4], '-');
});

test('a figure shows its unit and its note', () => {
  const value = { median: 3, min: -1, max: 120 };
  const cells = cellsOf({ kind: 'figure', row: 'wait', what: 'latency', goal: '< 50 ms', unit: 'ms', value, note: '95 % within 9 ms' });
  assert.deepEqual(cells, ['wait', 'latency', '3.00 ms', '-1.00..120', '< 50 ms', '95 % within 9 ms']);
});

test('what could not be measured says why', () => {
  const cells = cellsOf({ kind: 'skipped', row: 'thumbnail', what: 'photo', goal: '>= 7', reason: 'no Pillow' });
  assert.deepEqual(cells, ['thumbnail', 'photo', 'skipped', '>= 7', 'no Pillow']);
});

test('all columns stand under their headings', () => {
  const lines = toTable([RATIO, { kind: 'skipped', row: 'x', what: 'y', goal: 'GOAL', reason: 'z' }]).split('\n');
  assert.equal(lines[2]?.indexOf('GOAL'), lines[0]?.indexOf('goal'));
});
