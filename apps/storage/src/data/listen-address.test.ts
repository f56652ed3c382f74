import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenAddress } from './listen-address.ts';

test('reads hosts with ports and unix sockets', () => {
  assert.deepEqual(parseListenAddress('0.0.0.0:8081'), { kind: 'tcp', host: '0.0.0.0', port: 8081 });
  assert.deepEqual(parseListenAddress('localhost:0'), { kind: 'tcp', host: 'localhost', port: 0 });
  assert.deepEqual(parseListenAddress('[::1]:8081'), { kind: 'tcp', host: '::1', port: 8081 });
  assert.deepEqual(parseListenAddress('unix:/run/data.sock'), { kind: 'unix', path: '/run/data.sock' });
  assert.deepEqual(parseListenAddress('unix:///run/my data.sock'), { kind: 'unix', path: '/run/my data.sock' });
});

test('refuses everything else', () => {
  for (const text of ['', '8081', 'localhost', ':8081', 'host:', 'host:65536', 'a b:1', '::1:8081', '[host]:1', 'unix:', 'unix:x.sock', 'unix://x', 'http://host:1']) {
    assert.throws(() => parseListenAddress(text), /is no address to listen on/, text);
  }
});
