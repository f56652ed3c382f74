import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAdvertisedUrl } from './advertised-url.ts';

test('is what the configuration says, if it says anything', () => {
  assert.equal(toAdvertisedUrl('0.0.0.0', 8081, 'http://storage-0.storage:9000/'), 'http://storage-0.storage:9000');
});

test('is the listening address, if that names one', () => {
  assert.equal(toAdvertisedUrl('127.0.0.1', 8081, undefined), 'http://127.0.0.1:8081');
  assert.equal(toAdvertisedUrl('::1', 8081, undefined), 'http://[::1]:8081');
  assert.equal(toAdvertisedUrl('storage', 8081, undefined), 'http://storage:8081');
});

test('is an address others can connect to, if it listens on all', () => {
  for (const wildcard of ['0.0.0.0', '::']) {
    const { hostname, port } = new URL(toAdvertisedUrl(wildcard, 8081, undefined));
    assert.match(hostname, /^\d+\.\d+\.\d+\.\d+$/);
    assert.notEqual(hostname, '0.0.0.0');
    assert.equal(port, '8081');
  }
});
