import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcText, toMxcText } from './mxc-uri.ts';
import { isOpaqueId } from './opaque-id.ts';

describe('ids in events', () => {
  it('may be anything without white space and control characters', () => {
    for (const id of ['!room:example.org', '!bFVTNfcb8MoFUHHYqzFGgIqDhtQvrPnOT1ESwpbqT6E', '$a/b+c', '@ünï:example.org', '$'.repeat(1024)]) assert.ok(isOpaqueId(id), id);
    for (const id of ['', 'a b', 'a\n', 'a\u0000', '\u00a0', '$'.repeat(1025)]) assert.ok(!isOpaqueId(id), JSON.stringify(id));
  });
});

describe('the text of an mxc URI', () => {
  it('is read as it was written', () => {
    for (const text of ['mxc://example.org/abc', 'mxc://[::1]:8448/A_-9']) assert.equal(toMxcText(parseMxcText(text)), text);
  });

  for (const text of ['', 'mxc://', 'mxc://a.example', 'mxc://a.example/', 'mxc:///b', 'mxc://a.example/b/c', 'mxc://a.example/b?c', 'MXC://a.example/b', ' mxc://a.example/b']) {
    it(`is not ${JSON.stringify(text)}`, () => assert.throws(() => parseMxcText(text), { reason: 'INVALID_PARAM' }));
  }
});
