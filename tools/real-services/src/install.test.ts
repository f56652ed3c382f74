import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ensureInstalled } from './install.ts';
import { FERRETDB, installFolder, installedProgram } from './pins.ts';
import { isUnavailable } from './unavailable.ts';

// Stands for the Go toolchain: notes each call, then does what the test wants with the path after -o in "$out".
const GO_PREAMBLE = `#!/bin/sh
echo call >> "$CALLS"
while [ "$#" -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
`;

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly calls: () => Promise<number>;
  readonly cached: () => Promise<string[]>;
}

async function openPlace(t: TestContext, goScript?: string): Promise<Place> {
  const temp = await makeTempDir();
  t.after(() => temp[Symbol.asyncDispose]());
  const cache = join(temp.path, 'cache');
  const callsFile = join(temp.path, 'calls');
  const bin = join(temp.path, 'bin');
  await mkdir(bin);
  await writeFile(callsFile, '');
  if (goScript !== undefined) {
    await writeFile(join(bin, 'go'), GO_PREAMBLE + goScript);
    await chmod(join(bin, 'go'), 0o755);
  }
  return {
    env: { PATH: `${bin}${goScript === undefined ? '' : ':/usr/bin:/bin'}`, XDG_CACHE_HOME: cache, CALLS: callsFile },
    calls: async () => (await readFile(callsFile, 'utf8')).split('call').length - 1,
    cached: () => readdir(join(cache, 'medley', 'real-services')),
  };
}

test('builds once and finds the program from then on', async (t) => {
  const { env, calls, cached } = await openPlace(t, 'echo program > "$out"');
  const messages: string[] = [];
  for (let times = 0; times < 2; times += 1) {
    const installed = await ensureInstalled(FERRETDB, { env, onBuild: (message) => messages.push(message) });
    assert.deepEqual(installed, { program: installedProgram(FERRETDB, env) });
  }
  assert.equal(await readFile(installedProgram(FERRETDB, env), 'utf8'), 'program\n');
  assert.equal(await calls(), 1);
  assert.equal(messages.length, 1);
  assert.deepEqual(await cached(), [`ferretdb-${FERRETDB.version}`]);
});

test('builds once for callers that come at the same time', async (t) => {
  const { env, calls } = await openPlace(t, 'sleep 0.3; echo program > "$out"');
  const all = await Promise.all([1, 2, 3].map(() => ensureInstalled(FERRETDB, { env })));
  assert.deepEqual(all.filter(isUnavailable), []);
  assert.equal(await calls(), 1);
});

test('takes over the lock of a process that died', async (t) => {
  const { env } = await openPlace(t, 'echo program > "$out"');
  await mkdir(join(installFolder(FERRETDB, env), '..'), { recursive: true });
  await writeFile(`${installFolder(FERRETDB, env)}.lock`, '999999999');
  assert.equal(isUnavailable(await ensureInstalled(FERRETDB, { env })), false);
});

test('tells what a failing build said and leaves nothing behind', async (t) => {
  const { env, cached } = await openPlace(t, 'echo half > "$out"; echo "checksum mismatch" >&2; exit 1');
  const installed = await ensureInstalled(FERRETDB, { env });
  assert.ok(isUnavailable(installed));
  assert.match(installed.unavailable, /ferretdb 1\.24\.2 could not be built: go build ended with 1: checksum mismatch/);
  assert.deepEqual(await cached(), []);
});

test('gives up on a build that takes too long', async (t) => {
  const { env, cached } = await openPlace(t, 'sleep 60');
  const installed = await ensureInstalled(FERRETDB, { env, limitMs: 500 });
  assert.ok(isUnavailable(installed));
  assert.match(installed.unavailable, /took longer than 500 ms/);
  assert.deepEqual(await cached(), []);
});

test('says so when there is no Go toolchain', async (t) => {
  const { env } = await openPlace(t);
  const installed = await ensureInstalled(FERRETDB, { env });
  assert.deepEqual(installed, { unavailable: 'no Go toolchain on the PATH to build ferretdb 1.24.2 with' });
});

test('builds nothing when that is forbidden', async (t) => {
  const { env, calls } = await openPlace(t, 'echo program > "$out"');
  const installed = await ensureInstalled(FERRETDB, { env: { ...env, MEDLEY_TEST_INSTALL: '0' } });
  assert.ok(isUnavailable(installed));
  assert.equal(await calls(), 0);
});
