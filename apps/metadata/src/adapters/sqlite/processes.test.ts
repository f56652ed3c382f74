import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { reservationOf, someone, soon } from '../../ports/samples.contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = await makeTempDir();
after(() => folder[Symbol.asyncDispose]());
const path = join(folder.path, 'medley.db');

/** Starts two processes on the store that is not there yet, gives both the same lines, and answers what each said to each. */
async function contend(userId: string, lines: readonly string[]): Promise<string[][]> {
  const contenders = [1, 2].map(() => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'contender.fixture.ts'), path, userId], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { child, output: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const { output } of contenders) assert.equal((await output.next()).value, 'ready');
  for (const { child } of contenders) child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  return Promise.all(contenders.map(({ output }) => Array.fromAsync({ [Symbol.asyncIterator]: () => output })));
}

test('two processes that open a new store at once make it together, and never exceed a user’s limit', async () => {
  const said = await contend(someone(), Array.from({ length: 10 }, () => 'reserve'));
  const all = said.flat();
  assert.equal(all.filter((word) => word === 'ok').length, 5, all.join());
  assert.equal(all.filter((word) => word === 'PENDING_LIMIT').length, 15, all.join());
});

test('of two processes’ commits exactly one wins each media id', async () => {
  const userId = someone();
  await using store = await openSqliteStore(path);
  const records = await Promise.all(Array.from({ length: 50 }, () => store.reserve(reservationOf(userId), soon())));
  const [first = [], second = []] = await contend(userId, records.map(({ uri }) => uri.mediaId));
  assert.equal(first.length, records.length);
  for (const [index, word] of first.entries()) assert.deepEqual([word, second[index]].sort(), ['CANNOT_OVERWRITE', 'ok']);
  const found = await store.find(records.map(({ uri }) => uri), soon());
  assert.ok(found.every((record) => record?.state === 'available'));
});

test('two processes that add to the log at once leave neither gap nor double, and a third sees all in order', async () => {
  await using store = await openSqliteStore(path);
  const before = await store.acts.position(soon());
  const said = await contend(someone(), Array.from({ length: 100 }, () => 'ban'));
  assert.ok(said.flat().every((word) => word === 'ok'), said.join());
  const acts = await store.acts.after(before, 1000, soon());
  assert.deepEqual(acts.map(({ sequence }) => sequence), Array.from({ length: 200 }, (_, index) => before + index + 1));
});
