import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseS3Url, toS3Url } from './s3-location.ts';

test('reads every part of an S3 URL', () => {
  assert.deepEqual(parseS3Url('http://key:se%2Fcret@127.0.0.1:9000/ci-?region=eu-west-1'), {
    endpoint: 'http://127.0.0.1:9000',
    accessKey: 'key',
    secretKey: 'se/cret',
    region: 'eu-west-1',
    bucketPrefix: 'ci-',
  });
});

test('takes us-east-1 and no prefix when they are left out', () => {
  const { region, bucketPrefix, endpoint } = parseS3Url('https://key:secret@s3.example.org');
  assert.deepEqual({ region, bucketPrefix, endpoint }, { region: 'us-east-1', bucketPrefix: '', endpoint: 'https://s3.example.org' });
});

test('writes a URL that reads back as the same location', () => {
  const location = { endpoint: 'http://localhost:9000', accessKey: 'a+b', secretKey: '1/2:3@4%', region: 'x', bucketPrefix: 'p-' };
  assert.deepEqual(parseS3Url(toS3Url(location)), location);
});

for (const url of ['', 'localhost:9000', 'ftp://k:s3cret@h/', 'http://127.0.0.1:9000/', 'http://k:s3cret@h/Upper', 'http://k:s3cret@h/a/b']) {
  test(`refuses "${url}" without repeating the secret`, () => {
    assert.throws(() => parseS3Url(url), (error: Error) => /must look like/.test(error.message) && !error.message.includes('s3cret'));
  });
}
