import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { FERRETDB } from './pins.ts';
import { ensureInstalled } from './install.ts';
import { isUnavailable } from './unavailable.ts';

const SHOW = 'process.stdout.write(JSON.stringify([process.env.MEDLEY_TEST_MONGODB_URI, process.env.MEDLEY_TEST_S3_URL]))';

function cli(env: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'cli.ts'), ...args], { env, encoding: 'utf8', timeout: 120_000 });
}

test('gives a command one pair of servers, and its exit code back', async (t) => {
  const { MEDLEY_TEST_MONGODB_URI: _mongodb, MEDLEY_TEST_S3_URL: _s3, ...env } = process.env;
  const installed = await ensureInstalled(FERRETDB, { env });
  if (isUnavailable(installed)) return t.skip(installed.unavailable);
  const { status, stdout } = cli(env, 'run', '--', process.execPath, '-e', `${SHOW}; process.exitCode = 7`);
  assert.equal(status, 7);
  assert.match(stdout, /^\["mongodb:\/\/127\.0\.0\.1:\d+\/","http:\/\/medley-test:\w+@127\.0\.0\.1:\d+\/\?region=us-east-1"\]$/);
});

test('runs the command without servers where none can be had, and says so', async () => {
  await using cache = await makeTempDir();
  const env = { PATH: '', XDG_CACHE_HOME: cache.path };
  const { status, stdout, stderr } = cli(env, 'run', '--', process.execPath, '-e', SHOW);
  assert.deepEqual([status, stdout], [0, '[null,null]']);
  assert.match(stderr, /no MongoDB to test with: no Go toolchain/);
});

test('fails to install without a Go toolchain', async () => {
  await using cache = await makeTempDir();
  const { status, stderr } = cli({ PATH: '', XDG_CACHE_HOME: cache.path }, 'install');
  assert.equal(status, 1);
  assert.match(stderr, /no Go toolchain on the PATH to build minio/);
});

test('shows how it is used when it does not understand', () => {
  const { status, stderr } = cli({}, 'start');
  assert.equal(status, 64);
  assert.match(stderr, /^Usage:/);
});
