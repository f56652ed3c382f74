import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError } from './options.ts';

const NAMES = ['download', 'upload', 'wait'] as const;

test('without options all rows are measured for seven rounds of two seconds', () => {
  const options = parseOptions([], NAMES);
  assert.deepEqual(options, { only: NAMES, rounds: 7, seconds: 2, logLevel: 'info', out: 'bench-results.json' });
});

test('rows come in their own order, whatever order they are asked in', () => {
  assert.deepEqual(parseOptions(['--only', 'wait, download'], NAMES).only, ['download', 'wait']);
});

for (const args of [['--only', 'download,speed'], ['--rounds', '1.5'], ['--rounds', '0'], ['--seconds', 'two'], ['--log-level', 'loud'], ['--what'], ['stray']]) {
  test(`${args.join(' ')} is a mistake to be told`, () => {
    assert.throws(() => parseOptions(args, NAMES), UsageError);
  });
}
