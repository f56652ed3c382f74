import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isServerName, parseServerName, splitServerName } from './server-name.ts';

const GOOD = [
  'matrix.org', 'localhost', 'a', 'MATRIX.ORG', 'example.org:8448', 'xn--bcher-kva.example', 'host-with-dash.example',
  '1.2.3.4', '255.255.255.255:1', '[::1]', '[2001:db8::1]:443', '[1234:5678::abcd]:5678', 'example.org:65535', '123.456', 'a'.repeat(230),
];
const BAD = [
  '', 'bad_host!', 'a/b', 'a b', 'host:', 'host:999999', 'host:0', 'host:65536', 'host:80a', '[::1', '::1', '[::1]x', '[::g]', '[fe80::1%eth0]',
  '256.1.1.1', '1.2.3.999:80', 'exаmple.org', 'host\u0000', '../etc', 'host:80:80', 'a'.repeat(256), 'http://a', 'a?b', 'a#b', '[]',
];

describe('a server name', () => {
  for (const name of GOOD) it(`takes ${name.slice(0, 40)}`, () => assert.equal(parseServerName(name), name));
  for (const name of BAD) {
    it(`refuses ${JSON.stringify(name.slice(0, 40))}`, () => {
      assert.equal(isServerName(name), false);
      assert.throws(() => parseServerName(name), { reason: 'INVALID_PARAM' });
    });
  }

  it('falls into host and port', () => {
    assert.deepEqual(splitServerName(parseServerName('example.org')), { host: 'example.org' });
    assert.deepEqual(splitServerName(parseServerName('example.org:08448')), { host: 'example.org', port: 8448 });
    assert.deepEqual(splitServerName(parseServerName('[2001:db8::1]:443')), { host: '[2001:db8::1]', port: 443 });
    assert.deepEqual(splitServerName(parseServerName('[::1]')), { host: '[::1]' });
  });
});
