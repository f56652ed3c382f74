import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realServicesFingerprint } from './fingerprint.ts';

const nothing = { PATH: '', XDG_CACHE_HOME: '/nonexistent' };

test('says that nothing is to be had without servers, programs and Go', async () => {
  assert.equal(await realServicesFingerprint(nothing), 'mongodb: none; s3: none');
});

test('differs for different servers and hides their passwords', async () => {
  const of = (uri: string): Promise<string> => realServicesFingerprint({ ...nothing, MEDLEY_TEST_MONGODB_URI: uri });
  const one = await of('mongodb://user:hunter2@one/');
  assert.notEqual(one, await of('mongodb://user:hunter2@two/'));
  assert.doesNotMatch(one, /hunter2/);
});

test('repeats what the run around it has found', async () => {
  assert.equal(await realServicesFingerprint({ ...nothing, MEDLEY_TEST_REAL: 'known', MEDLEY_TEST_S3_URL: 'http://x' }), 'known');
});
