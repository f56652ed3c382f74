import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { fixtureRecipe } from './local-server.fixture.ts';
import { type LocalServer, openLocalServer } from './local-server.ts';

type Place = Pick<LocalServer, 'port' | 'dataFolder'>;

const fixture = join(import.meta.dirname, 'local-server.fixture.ts');

async function answers({ port }: Place): Promise<boolean> {
  return fixtureRecipe.isReady(port).catch(() => false);
}

function startedPids({ dataFolder }: Place): number[] {
  return readFileSync(join(dataFolder, 'starts'), 'utf8').trim().split('\n').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function startParent(mode: 'abandon' | 'hang'): Promise<{ parent: ChildProcess; place: Place }> {
  const parent = spawn(process.execPath, [fixture, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout ?? parent, 'data');
  return { parent, place: JSON.parse(String(line)) };
}

test('leaves no process and no folder when disposed of', async () => {
  const server = await openLocalServer(fixtureRecipe);
  const pids = startedPids(server);
  assert.ok(await answers(server));
  await server[Symbol.asyncDispose]();
  assert.equal(await answers(server), false);
  assert.deepEqual(pids.filter(isAlive), []);
  assert.equal(existsSync(server.dataFolder), false);
});

test('starts again on the same port and data', async () => {
  await using server = await openLocalServer(fixtureRecipe);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await server.stop(signal);
    assert.equal(await answers(server), false);
    await server.start();
    assert.ok(await answers(server));
  }
  assert.equal(startedPids(server).length, 3);
});

test('stopping twice and starting twice change nothing', async () => {
  await using server = await openLocalServer(fixtureRecipe);
  await server.start();
  await server.stop();
  await server.stop();
  assert.equal(startedPids(server).length, 1);
});

test('tells what a server that dies at its start wrote to standard error', async () => {
  const dying = { ...fixtureRecipe, args: () => ['-e', 'console.error("no such disk"); process.exit(3)'] };
  await assert.rejects(openLocalServer(dying), /fixture ended while starting: no such disk/);
});

test('tells when the command cannot be run at all', async () => {
  await assert.rejects(openLocalServer({ ...fixtureRecipe, command: '/nonexistent/server' }), /ENOENT/);
});

test('does not keep its process alive, and goes with it', async () => {
  const { parent, place } = await startParent('abandon');
  await once(parent, 'close');
  assert.equal(parent.exitCode, 0);
  await eventually(() => assert.equal(existsSync(place.dataFolder), false));
  assert.equal(await answers(place), false);
});

test('goes with a process that is killed', async () => {
  const { parent, place } = await startParent('hang');
  assert.ok(await answers(place));
  const pids = startedPids(place);
  parent.kill('SIGKILL');
  await eventually(() => assert.equal(existsSync(place.dataFolder), false));
  assert.deepEqual(pids.filter(isAlive), []);
});
