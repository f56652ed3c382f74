import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally.ts';

const SPEC = `
> nx run @medley/domain:lint

ℹ pass 100

> nx run @medley/storage:test  [existing outputs match the cache, left as is]

> @medley/storage@0.1.0 test
> node --test "src/**/*.test.ts"

﹣ blobs on S3 (0.645859ms) # no S3 to test with: no Go toolchain
▶ data port
  ✔ answers a range (0.644647ms)
  ﹣ answers # twice (0.194339ms) # issue # 12
  ﹣ bare (0.135771ms) # SKIP
  ✔ later (0.178245ms) # TODO
▶ data port (2.33ms)
✖ times out (100.906465ms)
ℹ tests 9
ℹ suites 2
ℹ pass 2
ℹ fail 1
ℹ cancelled 1
ℹ skipped 3
ℹ todo 1
ℹ duration_ms 1184.059315

 NX   Ran targets typecheck, lint, test for 2 projects
`;

const TAP = `
> nx run @medley/metadata:test

TAP version 13
# Subtest: outer
    # Subtest: why \\# not
    ok 2 - why \\# not # SKIP no MongoDB
      ---
      duration_ms: 0.135451
      type: 'test'
      ...
    ok 3 - bare # SKIP
    1..3
ok 1 - outer
1..1
# tests 5
# suites 1
# pass 3
# fail 0
# cancelled 0
# skipped 2
# todo 0
# duration_ms 1161.378998
`;

function tallyOf(...outputs: string[]): Tally {
  const tally = new Tally();
  for (const line of outputs.join('').split('\n')) tally.add(line);
  return tally;
}

test('sums the closing lines of test tasks only, and counts cancelled tests as failed', () => {
  const tally = tallyOf(SPEC);
  assert.equal(tally.closingLine, '2 passed, 2 failed, 3 skipped');
  assert.deepEqual([tally.ran, tally.failed], [4, 2]);
});

test('names the skipped tests with their projects and reasons', () => {
  assert.deepEqual(tallyOf(SPEC).skippedTests, [
    { project: '@medley/storage', name: 'blobs on S3', reason: 'no S3 to test with: no Go toolchain' },
    { project: '@medley/storage', name: 'answers # twice', reason: 'issue # 12' },
    { project: '@medley/storage', name: 'bare', reason: 'no reason given' },
  ]);
});

test('understands TAP', () => {
  const tally = tallyOf(TAP);
  assert.equal(tally.closingLine, '3 passed, 0 failed, 2 skipped');
  assert.deepEqual(tally.skippedTests, [
    { project: '@medley/metadata', name: 'why # not', reason: 'no MongoDB' },
    { project: '@medley/metadata', name: 'bare', reason: 'no reason given' },
  ]);
});

test('adds up projects', () => {
  assert.equal(tallyOf(SPEC, TAP).closingLine, '5 passed, 2 failed, 5 skipped');
});

test('understands coloured output', () => {
  const tally = tallyOf(
    '\u001B[2m> \u001B[22mnx run @medley/storage:test\n',
    '\u001B[90m﹣ late \u001B[90m(1.5ms)\u001B[39m # no disk\u001B[39m\n',
    '\u001B[34mℹ pass 38\u001B[39m\n\u001B[34mℹ skipped 1\u001B[39m\n',
  );
  assert.equal(tally.closingLine, '38 passed, 0 failed, 1 skipped');
  assert.deepEqual(tally.skippedTests, [{ project: '@medley/storage', name: 'late', reason: 'no disk' }]);
});

test('says zero when there is nothing to sum', () => {
  assert.equal(tallyOf('').closingLine, '0 passed, 0 failed, 0 skipped');
});
