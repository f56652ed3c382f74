import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { readToken } from './read-token.ts';

/** All that is read of a request. */
function requestWith(...authorizations: readonly string[]): IncomingMessage {
  return { rawHeaders: authorizations.flatMap((value) => ['Authorization', value]) } as unknown as IncomingMessage;
}

describe('the token of a request', () => {
  it('comes from one header or from one parameter', () => {
    assert.equal(readToken(requestWith('Bearer abc'), new URLSearchParams()), 'abc');
    assert.equal(readToken(requestWith(), new URLSearchParams('access_token=abc')), 'abc');
  });

  const missing: [string, IncomingMessage, string][] = [
    ['nothing', requestWith(), ''],
    ['both', requestWith('Bearer abc'), 'access_token=abc'],
    ['two headers', requestWith('Bearer abc', 'Bearer abc'), ''],
    ['two parameters', requestWith(), 'access_token=a&access_token=b'],
    ['another scheme', requestWith('Basic abc'), ''],
    ['three words', requestWith('Bearer a b'), ''],
  ];
  for (const [what, request, query] of missing) {
    it(`is missing from ${what}`, () => assert.throws(() => readToken(request, new URLSearchParams(query)), { reason: 'MISSING_TOKEN' }));
  }

  for (const token of ['se%0Acret', '%E2%82%AC', 'a%00b', 'a%20b']) {
    it(`is nobody’s where no header could carry it: ${token}`, () => {
      assert.throws(() => readToken(requestWith(), new URLSearchParams(`access_token=${token}`)), { reason: 'UNKNOWN_TOKEN' });
    });
  }
});
