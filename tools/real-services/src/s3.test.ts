import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireS3, startS3 } from './s3.ts';
import { realServiceOrSkip } from './skip.ts';
import { isUnavailable } from './unavailable.ts';

async function isLive(endpoint: string): Promise<boolean> {
  const response = await fetch(`${endpoint}/minio/health/live`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

test('starts an S3 that answers, keeps its data over a restart, and leaves nothing behind', async (t) => {
  const s3 = await realServiceOrSkip(t, startS3);
  if (s3 === undefined) return;
  assert.equal(s3.endpoint, `http://127.0.0.1:${s3.port}`);
  assert.ok(await isLive(s3.endpoint));

  const readIdentity = (): string => readFileSync(join(s3.dataFolder, 'data', '.minio.sys', 'format.json'), 'utf8');
  const identity = readIdentity();
  await s3.stop('SIGKILL');
  assert.equal(await isLive(s3.endpoint), false);
  await s3.start();
  assert.ok(await isLive(s3.endpoint));
  assert.equal(readIdentity(), identity);

  await s3[Symbol.asyncDispose]();
  assert.equal(await isLive(s3.endpoint), false);
  assert.equal(existsSync(s3.dataFolder), false);
});

test('answers with the S3 that the environment names', async () => {
  const s3 = await acquireS3({ env: { MEDLEY_TEST_S3_URL: 'http://key:secret@s3.example.org:9000/ci-' } });
  assert.ok(!isUnavailable(s3));
  assert.deepEqual([s3.kind, s3.endpoint, s3.bucketPrefix], ['env', 'http://s3.example.org:9000', 'ci-']);
});
