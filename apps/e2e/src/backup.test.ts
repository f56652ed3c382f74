import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { readBlocks, toSteps, type Step } from '@medley/tool-docs/markdown';
import { readPage, ROOT } from '@medley/tool-docs/pages';
import { randomBody } from './harness/bodies.ts';
import type { MediaUser } from './harness/media-user.ts';
import { Site } from './harness/site.ts';
import { runSteps } from './harness/steps.ts';
import { startProgram, stopProgram } from './harness/system.ts';

const ENOUGH = 20;
const FEW = 3;
const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;

interface Acknowledged {
  readonly uri: MxcUri;
  readonly bytes: Buffer;
}

/** Uploads one thing after the other until it is told to stop; what was acknowledged is added in that order. */
function uploadOn(user: MediaUser, acknowledged: Acknowledged[]): () => Promise<void> {
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const bytes = randomBody(30_000 + acknowledged.length);
      acknowledged.push({ uri: await user.upload(bytes), bytes });
    }
  })();
  return () => {
    isOver = true;
    return done;
  };
}

/** Makes a backup line by line while uploads go on; answers with those from before and those from meanwhile. */
async function backUpUnderLoad(user: MediaUser, [copy, check]: readonly Step[], cwd: string): Promise<{ readonly before: readonly Acknowledged[]; readonly later: readonly Acknowledged[] }> {
  assert.ok(copy !== undefined && check !== undefined);
  const acknowledged: Acknowledged[] = [];
  const untilMore = (count: number): Promise<void> => eventually(() => assert.ok(acknowledged.length >= count), 60_000);
  const stop = uploadOn(user, acknowledged);
  try {
    await untilMore(ENOUGH);
    const before = [...acknowledged];
    for (const commands of copy.commands.split('\n')) {
      await runSteps([{ ...copy, commands }], { cwd });
      // However quick a command is, something comes before the next.
      await untilMore(acknowledged.length + FEW);
    }
    await runSteps([check], { cwd });
    return { before, later: acknowledged.slice(before.length) };
  } finally {
    await stop();
  }
}

/** The steps of the page: those before the heading on restoring, and those behind it. */
async function readSteps(): Promise<{ readonly backUp: readonly Step[]; readonly restore: readonly Step[] }> {
  const { text } = await readPage('docs/how-to/backup-and-restore.md');
  const steps = toSteps(readBlocks(text));
  const restoreAt = text.slice(0, text.indexOf('\n## Restore')).split('\n').length;
  return { backUp: steps.filter(({ line }) => line < restoreAt), restore: steps.filter(({ line }) => line > restoreAt) };
}

it('what was acknowledged before a backup began is served after all was lost and restored', { skip: !hasSqlite && 'there is no sqlite3 here', timeout: 240_000 }, async () => {
  const { backUp, restore } = await readSteps();
  assert.deepEqual([backUp.length, restore.length], [2, 1]);
  await using site = await Site.open({ config: { rate_limits: { enabled: false } } });
  const cwd = dirname(site.configPath);
  for (const name of ['package.json', 'apps', 'libs', 'node_modules']) await symlink(join(ROOT, name), join(cwd, name));

  using first = await startProgram('one-process', site);
  const user = site.user();
  const { before, later } = await backUpUnderLoad(user, backUp, cwd);
  await stopProgram(first);
  await rm(site.dataFolder, { recursive: true });

  await runSteps(restore, { cwd });
  using second = await startProgram('one-process', site);
  const wrong: MxcUri[] = [];
  for (const { uri, bytes } of before) if (!(await user.download(uri)).body.equals(bytes)) wrong.push(uri);
  assert.deepEqual(wrong, []);
  // And what the backup has of later times is whole, or not there.
  for (const { uri, bytes } of later) {
    const { status, body } = await user.download(uri);
    assert.ok(status === 404 || body.equals(bytes), uri.mediaId);
  }
  await stopProgram(second);
});
