import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';

const fixture = join(import.meta.dirname, 'skip.fixture.ts');

async function runFixture(env: NodeJS.ProcessEnv): Promise<{ status: number | null; stdout: string }> {
  await using cache = await makeTempDir();
  return spawnSync(process.execPath, ['--test', '--test-reporter=tap', fixture], {
    env: { PATH: '', XDG_CACHE_HOME: cache.path, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

test('skips by name where nothing is to be had', async () => {
  const { status, stdout } = await runFixture({});
  assert.equal(status, 0);
  assert.match(stdout, /^ok \d+ - store on MongoDB # SKIP no MongoDB to test with: no Go toolchain/m);
  assert.match(stdout, /^ok \d+ - blobs on S3 # SKIP no S3 to test with: no Go toolchain/m);
  assert.match(stdout, /^# skipped 2$/m);
});

test('fails by name where nothing is to be had but real services are required', async () => {
  const { status, stdout } = await runFixture({ MEDLEY_REQUIRE_REAL_SERVICES: '1' });
  assert.equal(status, 1);
  assert.match(stdout, /^not ok \d+ - store on MongoDB/m);
  assert.match(stdout, /^not ok \d+ - blobs on S3/m);
  assert.match(stdout, /MEDLEY_REQUIRE_REAL_SERVICES=1 is set, but no S3 to test with/);
  assert.match(stdout, /^# fail 2$/m);
});

test('uses the server that the environment names', async () => {
  const { stdout } = await runFixture({ MEDLEY_TEST_MONGODB_URI: 'mongodb://127.0.0.1:1/' });
  assert.match(stdout, /^ {4}ok \d+ - has a URI$/m);
});
