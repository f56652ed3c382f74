import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { FakeRemote, refuse, type RemoteScript } from '@medley/testing/fake-remote';
import { assertBytes, assertError, assertNotCacheable } from '../harness/expect.ts';
import { DrippingMedia } from './dripping-media.ts';
import { largeFile, offer, requestCount, type RemoteScene } from './remote-scene.ts';

const BYTES = Buffer.from('what was asked for');
const TOO_LARGE_BYTES = 9 * 2 ** 20;

const html: RemoteScript = (_request, response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>nginx</h1>');

/** What another server may say, and what of it reaches a client: nothing but what it means (S13). */
const SAID: readonly { readonly what: string; readonly script: RemoteScript; readonly status: number; readonly errcode: string }[] = [
  { what: '401 M_UNKNOWN_TOKEN', script: refuse(401, 'M_UNKNOWN_TOKEN', { soft_logout: true }), status: 502, errcode: 'M_UNKNOWN' },
  { what: '404 M_UNKNOWN_TOKEN', script: refuse(404, 'M_UNKNOWN_TOKEN', { soft_logout: true, evil: 1 }), status: 404, errcode: 'M_NOT_FOUND' },
  { what: '404 M_NOT_FOUND', script: refuse(404, 'M_NOT_FOUND', { evil: 1 }), status: 404, errcode: 'M_NOT_FOUND' },
  { what: '403 M_FORBIDDEN', script: refuse(403, 'M_FORBIDDEN'), status: 502, errcode: 'M_UNKNOWN' },
  { what: '413 M_TOO_LARGE', script: refuse(413, 'M_TOO_LARGE'), status: 502, errcode: 'M_TOO_LARGE' },
  { what: '400 M_BAD_JSON', script: refuse(400, 'M_BAD_JSON'), status: 502, errcode: 'M_UNKNOWN' },
  { what: '504 M_NOT_YET_UPLOADED', script: refuse(504, 'M_NOT_YET_UPLOADED'), status: 504, errcode: 'M_NOT_YET_UPLOADED' },
];

/** What is not had from other servers, and why. */
export function refusesRemoteMedia(scene: RemoteScene): void {
  keepsWordsBack(scene);
  judgesMedia(scene);
  judgesRequesters(scene);
}

function keepsWordsBack(scene: RemoteScene): void {
  const { user } = scene;

  describe('what another server says of itself', () => {
    for (const { what, script, status, errcode } of SAID) {
      it(`reaches no client: ${what} is ${status} ${errcode}`, async () => {
        const answer = await user.download(offer(scene, script), { query: { timeout_ms: 0 } });
        const body = assertError(answer, status, errcode);
        assert.deepEqual(Object.keys(body).toSorted(), ['errcode', 'error']);
        assert.doesNotMatch(String(body['error']), /remote says|evil|logout/i);
        assertNotCacheable(answer);
      });
    }

    it('is not shown where it is no Matrix error at all', async () => {
      // another one, since who fails like this is left alone for a while
      await using remote = await FakeRemote.start();
      assertError(await user.download(offer({ ...scene, remote }, html)), 502, 'M_UNKNOWN');
    });
  });
}

function judgesMedia(scene: RemoteScene): void {
  const { user } = scene;

  describe('media that its server does not have yet', () => {
    it('is asked for with the time that the client has, and is there once it is', async () => {
      const uri = offer(scene, refuse(504, 'M_NOT_YET_UPLOADED'));
      assertError(await user.download(uri, { query: { timeout_ms: 1234 } }), 504, 'M_NOT_YET_UPLOADED');
      const [, waitMs] = /timeout_ms=(\d+)/.exec(scene.remote.requests.at(-1)?.uri ?? '') ?? [];
      assert.ok(Number(waitMs) > 500 && Number(waitMs) <= 1234, `it was asked to wait for ${waitMs} ms`);
      scene.remote.media.set(uri.mediaId, { bytes: BYTES });
      assertBytes(await user.download(uri), BYTES);
    });
  });

  describe('media that is too large', () => {
    it('is refused by what its server says of its size', async () => {
      const drip = new DrippingMedia({ bytes: Buffer.alloc(TOO_LARGE_BYTES), tellsSize: true });
      assertError(await user.download(offer(scene, drip.script)), 502, 'M_TOO_LARGE');
    });

    it('breaks off when it turns out to be', async () => {
      const drip = new DrippingMedia({ bytes: largeFile(TOO_LARGE_BYTES) });
      const asked = user.download(offer(scene, drip.script));
      await drip.asked();
      await drip.finish().catch(() => {}); // it need not be heard out
      await assert.rejects(asked);
    });
  });
}

function judgesRequesters(scene: RemoteScene): void {
  const { user } = scene;

  describe('a request without a token', () => {
    const old = (path: string, query = {}) => user.call(`/_matrix/media/v3/${path}`, { token: undefined, query });

    it('makes no server be asked under the freeze (S9), and is not given what is kept', async () => {
      const uri = offer(scene, { bytes: BYTES });
      const path = `${uri.origin}/${uri.mediaId}`;
      assertError(await old(`download/${path}`), 404, 'M_NOT_FOUND');
      assertError(await old(`thumbnail/${path}`, { width: 32, height: 32 }), 404, 'M_NOT_FOUND');
      assert.equal(requestCount(scene, uri), 0);
      assertBytes(await user.download(uri), BYTES);
      assertError(await old(`download/${path}`), 404, 'M_NOT_FOUND');
    });
  });

  describe('our own names', () => {
    it('are never asked, however they are spelt', async () => {
      const { serverName } = scene.site;
      for (const name of [serverName.toUpperCase(), `${serverName}:8448`, `${serverName}.`]) {
        assertError(await user.download(parseMxcParts(name, 'media')), 404, 'M_NOT_FOUND');
      }
    });
  });
}
