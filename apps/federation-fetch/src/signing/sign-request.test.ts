import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestSigner } from './sign-request.ts';

/** The key and the requests of the specification's kind, with signatures that were checked elsewhere. */
const SEED = 'YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1';
const VECTORS = [
  ['/_matrix/federation/v1/media/download/AQwafuaFswefuhsfAFAgsw?timeout_ms=20000', 'EFMRyVd5n6ee1LZvKRwIbT6e6K44UepF2EM0l4EDPU0m0D72kmq5G9qnVcit4e9/tDt6pe5WB705VhOQQy3+CA'],
  ['/_matrix/federation/v1/media/thumbnail/AQwafuaFswefuhsfAFAgsw?width=96&height=96&method=crop&animated=false&timeout_ms=20000', 'owhktChbcfkwS6DoN1ZplHaq0GJ2yUUaeZf5nyCglpIpCSgBXTWAHeCwFBpVLjiWx3z1CTRLA0+tpqgqinjnAQ'],
] as const;
const sign = requestSigner([{ server_name: 'domain', signing_key: `ed25519 1 ${SEED}\ned25519 2 ${'B'.repeat(43)}` }, { server_name: 'keyless' }]);

for (const [uri, signature] of VECTORS) {
  test(`signs ${uri.slice(0, 44)} with the first key of the requester`, () => {
    const header = sign({ requester: 'domain', destination: 'remote.example.org', method: 'GET', uri });
    assert.equal(header, `X-Matrix origin="domain",destination="remote.example.org",key="ed25519:1",sig="${signature}"`);
  });
}

test('signs in no name but ours, and in none without a key', () => {
  const request = { destination: 'remote.example.org', method: 'GET', uri: '/' } as const;
  assert.throws(() => sign({ ...request, requester: 'stranger' }), { reason: 'INVALID_PARAM' });
  assert.throws(() => sign({ ...request, requester: 'keyless' }), { reason: 'FETCH_FAILED' });
});
