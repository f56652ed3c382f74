import assert from 'node:assert/strict';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { isAsSaid, readBlocks, toSteps } from '@medley/tool-docs/markdown';
import { findPorts } from './harness/ports.ts';
import { runSteps } from './harness/steps.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TUTORIAL = join(ROOT, 'docs/tutorial');
/** What a clone has that a newcomer's commands use. */
const CLONE = ['package.json', 'package-lock.json', '.npmrc', 'apps', 'libs', 'node_modules', 'docs'];
const LIMIT_MS = 150_000;

it('First steps can be followed word by word', { timeout: LIMIT_MS + 10_000 }, async () => {
  await using folder = await makeTempDir();
  for (const name of CLONE) await symlink(join(ROOT, name), join(folder.path, name));
  const ports = await findPorts();
  // Only the ports are others than the page's: somebody else may have those here.
  const page = (await readFile(join(TUTORIAL, 'first-steps.md'), 'utf8')).replaceAll('8008', String(ports.http)).replaceAll('9090', String(ports.metrics));
  const steps = toSteps(readBlocks(page));
  assert.ok(steps.length > 10);
  await runSteps(steps, { cwd: folder.path, env: { MEDLEY_LISTEN__PORT: String(ports.http) }, limitMs: LIMIT_MS });
});

it('every command of the tutorials is run, or says that it is not', async () => {
  for (const name of (await readdir(TUTORIAL)).filter((file) => file.endsWith('.md'))) {
    const blocks = readBlocks(await readFile(join(TUTORIAL, name), 'utf8'));
    const isRun = name === 'first-steps.md';
    const unmarked = blocks.filter(({ language, isMarked }) => language === 'sh' && !isMarked && !isRun);
    assert.deepEqual(unmarked.map(({ line }) => `${name}:${line}`), []);
    const others = blocks.filter(({ language }, index) => !(language === 'sh' || (language === 'text' && blocks[index - 1]?.language === 'sh')));
    assert.deepEqual(others.map(({ line }) => `${name}:${line}`), []);
  }
});

it('an answer that is not what the page says is noticed', () => {
  assert.ok(isAsSaid('{"a":1,"b":[2]}\n', '{"a":…}'));
  assert.ok(!isAsSaid('{"b":1}', '{"a":…}'));
  assert.ok(!isAsSaid('200 image/png 1 bytes', '200 image/png'));
  const [run, marked] = readBlocks('```sh\nls\n```\n\n<!-- not run -->\n```sh\nrm\n```\n');
  assert.deepEqual([run?.isMarked, marked?.isMarked, toSteps([...readBlocks('```sh\nls\n```\n```text\nx\n```')]).length], [false, true, 1]);
});
