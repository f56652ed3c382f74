import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';

async function check(files: Record<string, string>): Promise<{ status: number | null; lines: string[] }> {
  await using folder = await makeTempDir();
  const root = folder.path;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts'), root], { encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n') };
}

function fileOf(lines: number): string {
  return '// one line\n'.repeat(lines);
}

function functionOf(lines: number, head = 'function planted() {', tail = '}'): string {
  return `${head}\n${'  work();\n'.repeat(lines - 2)}${tail}\n`;
}

test('accepts a file of 300 lines and a function of 60', async () => {
  const { status, lines } = await check({ 'apps/a/src/file.ts': fileOf(300), 'libs/b/src/function.ts': functionOf(60) });
  assert.equal(status, 0);
  assert.deepEqual(lines, ['size: 2 files, median 300 lines, longest 300; 1 functions, median 60 lines, longest 60; 0 over the limit']);
});

test('flags a file of 301 lines', async () => {
  const { status, lines } = await check({ 'apps/a/src/planted.ts': fileOf(301) });
  assert.equal(status, 1);
  assert.equal(lines[0], 'apps/a/src/planted.ts:1: file has 301 lines, the limit is 300');
});

test('flags functions of 61 lines, in every form', async () => {
  const { status, lines } = await check({
    'eslint.config.js': `// first\n${functionOf(61)}`,
    'libs/a/src/arrow.ts': functionOf(61, 'const arrow = async () => {', '};'),
    'libs/a/src/method.ts': `class A {\n${functionOf(61, 'method(): void {')}}\n`,
    'libs/a/src/some.test.ts': functionOf(61, "test('long', () => {", '});'),
  });
  assert.equal(status, 1);
  assert.deepEqual(lines.slice(0, -1), [
    'eslint.config.js:2: planted has 61 lines, the limit is 60',
    'libs/a/src/arrow.ts:1: arrow has 61 lines, the limit is 60',
    'libs/a/src/method.ts:2: method has 61 lines, the limit is 60',
    'libs/a/src/some.test.ts:1: (anonymous) has 61 lines, the limit is 60',
  ]);
});

test('does not count the tests of a suite as one function', async () => {
  const tests = functionOf(30, "it('works', () => {", '});').repeat(5);
  const { status } = await check({ 'apps/a/src/a.contract.ts': `export function contract() {\ndescribe('a', () => {\n${tests}});\n}\n` });
  assert.equal(status, 0);
});

test('passes over generated code and installed packages', async () => {
  const { status } = await check({
    'apps/a/src/short.ts': fileOf(1),
    'libs/proto/src/gen/long.ts': fileOf(301),
    'node_modules/a/long.js': fileOf(301),
  });
  assert.equal(status, 0);
});

test('fails when it finds nothing to measure', async () => {
  assert.equal((await check({})).status, 1);
});
