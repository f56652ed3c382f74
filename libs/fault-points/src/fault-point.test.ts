import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ArmedPoint, ARMING_FOLDER_VARIABLE, FAULTS_CONDITION } from './arming.ts';

const FIXTURE = fileURLToPath(new URL('reach-twice.fixture.ts', import.meta.url));

/** Starts a process that reaches `sweep.condemned` twice; answers with what ended it. */
async function reachTwice(folder: string, ...nodeArgs: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [...nodeArgs, FIXTURE], { env: { ...process.env, [ARMING_FOLDER_VARIABLE]: folder }, stdio: 'inherit' });
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

describe('a fault point', () => {
  it('does nothing in a program that was not started for tests', async () => {
    await using folder = await makeTempDir();
    const point = await ArmedPoint.arm(folder.path, 'sweep.condemned', 'kill');
    assert.equal(await reachTwice(folder.path), 0);
    assert.equal(point.isReached, false);
  });

  it('does nothing where it is not armed', async () => {
    await using folder = await makeTempDir();
    assert.equal(await reachTwice(folder.path, FAULTS_CONDITION), 0);
  });

  it('kills the process that reaches it, once', async () => {
    await using folder = await makeTempDir();
    const point = await ArmedPoint.arm(folder.path, 'sweep.condemned', 'kill');
    assert.equal(await reachTwice(folder.path, FAULTS_CONDITION), 'SIGKILL');
    assert.ok(point.isReached);
    assert.equal(await reachTwice(folder.path, FAULTS_CONDITION), 0);
  });

  it('holds the process up until it is released', async () => {
    await using folder = await makeTempDir();
    const point = await ArmedPoint.arm(folder.path, 'sweep.condemned', 'pause');
    const ended = reachTwice(folder.path, FAULTS_CONDITION);
    await eventually(() => assert.ok(point.isReached));
    await point.release();
    assert.equal(await ended, 0);
  });
});
