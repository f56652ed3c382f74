import assert from 'node:assert/strict';
import { request } from 'node:https';
import { describe, it } from 'node:test';
import { fromBase64 } from '@medley/matrix/base64';
import { isSignedBy } from '@medley/matrix/verify-json';
import { parseXMatrixHeaders, requestObject } from '@medley/matrix/x-matrix';
import { REMOTE_AUTHORITY } from './fake-remote-certificates.ts';
import { FakeRemote } from './fake-remote.ts';

async function get(remote: FakeRemote, path: string): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  request(`https://${remote.serverName}${path}`, { ca: REMOTE_AUTHORITY, agent: false }, (response) => {
    Array.fromAsync(response as AsyncIterable<Buffer>).then((chunks) => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }), reject);
  }).on('error', reject).end();
  return promise;
}

describe('a fake remote', () => {
  it('signs its keys, and its requests with them', async () => {
    await using remote = await FakeRemote.start();
    const keys = JSON.parse((await get(remote, '/_matrix/key/v2/server')).body) as Record<string, never>;
    const [[keyId, { key }] = assert.fail()] = Object.entries<{ key: string }>(keys['verify_keys'] ?? {});
    const publicKey = fromBase64(key, 32) ?? assert.fail();
    assert.ok(isSignedBy(keys, keys['signatures']?.[remote.serverName]?.[keyId] ?? '', publicKey));
    const asked = { uri: '/_matrix/federation/v1/media/download/x', destination: 'medley.example' };
    const [header] = parseXMatrixHeaders([remote.keys.authorize(asked)]);
    assert.ok(isSignedBy(requestObject({ method: 'GET', ...asked, origin: remote.serverName }), header.signature, publicKey));
  });

  it('serves media in two parts, and knows nothing else', async () => {
    await using remote = await FakeRemote.start();
    remote.media.set('media', { bytes: Buffer.from('bytes'), contentType: 'text/plain' });
    assert.match((await get(remote, '/_matrix/federation/v1/media/download/media')).body, /^\r\n--(\w+)\r\nContent-Type: application\/json\r\n\r\n\{\}\r\n--\1\r\nContent-Type: text\/plain\r\n\r\nbytes\r\n--\1--\r\n$/);
    for (const [path, errcode] of [['/_matrix/federation/v1/media/download/other', 'M_NOT_FOUND'], ['/_matrix/media/v3/config', 'M_UNRECOGNIZED']]) {
      const { status, body } = await get(remote, path ?? '');
      assert.deepEqual([status, JSON.parse(body).errcode], [404, errcode]);
    }
    assert.equal(remote.requestsOf('/_matrix/federation/').length, 2);
  });

  it('is not believed by who looks at its certificate, if it shall not be', async () => {
    await using remote = await FakeRemote.start({ hasRightCertificate: false });
    await assert.rejects(get(remote, '/'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    assert.equal(remote.requests.length, 0);
  });
});
