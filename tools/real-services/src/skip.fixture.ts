/** A test file as others write it, to be run where no real service can be had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acquireMongoDb } from './mongodb.ts';
import { startS3 } from './s3.ts';
import { describeRealService, realServiceOrSkip } from './skip.ts';

await describeRealService('store on MongoDB', acquireMongoDb, ({ uri }) => {
  test('has a URI', () => assert.match(uri, /^mongodb:/));
});

test('blobs on S3', async (t) => {
  const s3 = await realServiceOrSkip(t, startS3);
  if (s3 === undefined) return;
  assert.ok(s3.endpoint);
});
