import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const BOARD = join(import.meta.dirname, 'board.fixture.ts');

function measure(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BOARD, ...args], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line !== '').map((line): Record<string, unknown> => JSON.parse(line));
  return { status, stderr, lines, judged: lines.map(({ figure, value, ok }) => [figure, value, ok]) };
}

test('a figure within its limit is good, and its line tells how it was measured', () => {
  const { status, lines } = measure('--only', 'good', '--seed', '5');
  const asked = { command: 'node tools/figures/src/command.fixture.ts good', seed: 5, stores: 'embedded' };
  assert.deepEqual(lines, [{ figure: 'good', value: 0, unit: 'things', limit: 0, ok: true, ...asked, tried: 7 }]);
  assert.equal(status, 0);
});

const DEFECTS = [
  ['a value over the limit', 'over', 2],
  ['a command that crashes', 'crash', null],
  ['a command that crashes after it has told its figures', 'crash-later', 0],
  ['a command that prints no JSON', 'no-json', null],
] as const;

for (const [what, name, value] of DEFECTS) {
  test(`${what} is not good, and the board ends with 1`, () => {
    const { status, judged } = measure('--only', name);
    assert.deepEqual(judged, [[name, value, false]]);
    assert.equal(status, 1);
  });
}

test('a report without the value is not good', () => {
  const { status, judged } = measure('--only', 'no-value', '--stores', 'real');
  assert.deepEqual(judged, [['no-value', null, false]]);
  assert.equal(status, 1);
});

test('one bad figure does not take the others with it, not even those of the same run, which is made once', () => {
  const { status, judged, stderr } = measure('--only', 'good,over,beside-over');
  assert.deepEqual(judged, [['good', 0, true], ['over', 2, false], ['beside-over', 1, true]]);
  assert.equal(stderr.match(/fixture\.ts over/g)?.length, 1);
  assert.equal(status, 1);
});

for (const args of [['--only', 'speed'], ['--only', 'no-value'], ['--stores', 'none'], ['--seconds', 'two'], ['--seed', '-1'], ['--what'], ['stray']]) {
  test(`${args.join(' ')} is a mistake to be told, and nothing is measured`, () => {
    const { status, lines, stderr } = measure(...args);
    assert.deepEqual([status, lines], [2, []]);
    assert.doesNotMatch(stderr, / {4}at /);
  });
}
