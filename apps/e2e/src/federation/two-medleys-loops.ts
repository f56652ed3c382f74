import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { FakeRemote, type RemoteScript } from '@medley/testing/fake-remote';
import { toRedirect } from '@medley/testing/fake-remote-multipart';
import { assertBytes, assertError } from '../harness/expect.ts';
import { TlsFront } from '../harness/tls-front.ts';
import { MAX_UNDER_WAY } from './serving-scene.ts';
import { askedCount, lead, type FederatedMedley } from './two-medleys.ts';

/** How long the chain would be that a hostile server makes. */
const CHAIN = 20;

/** Names and locations that lead back to whoever asks. `open` answers old requests without a token, `frozen` does not. */
export function leadsNowhere(open: FederatedMedley, frozen: FederatedMedley): void {
  describe('a name that leads to ourselves', () => {
    it('is asked once, and does not make us ask ourselves on and on', async () => {
      await using disguise = await TlsFront.start();
      lead(disguise, open.site);
      const uri = await open.user.upload('ours');
      const disguised = parseMxcParts(disguise.serverName, uri.mediaId);
      assertError(await open.user.download(disguised), 502, 'M_UNKNOWN');
      assert.deepEqual([disguise.targets.length, askedCount(open, 'download', uri)], [1, 0]);
      assertError(await open.user.thumbnail(disguised, { width: 32, height: 32 }), 502, 'M_UNKNOWN');
      assert.deepEqual([disguise.targets.length, askedCount(open, 'download', uri)], [2, 0]);
    });

    it('gets nothing of ours in its own name', async () => {
      await using disguise = await TlsFront.start();
      lead(disguise, open.site);
      const uri = await open.user.upload('ours');
      assertError(await frozen.user.download(parseMxcParts(disguise.serverName, uri.mediaId)), 502, 'M_UNKNOWN');
      assert.equal(disguise.targets.length, 1, disguise.targets.join(' '));
    });
  });

  sendsUsToOurselves(open, frozen);
}

function sendsUsToOurselves(open: FederatedMedley, frozen: FederatedMedley): void {
  describe('a server that says its media is at ours, in its own name', () => {
    it('is asked once if it means the same media', async () => {
      await using hostile = await FakeRemote.start();
      hostile.media.set('media0', locatedAt(open, hostile, 0));
      assertError(await open.user.download(parseMxcParts(hostile.serverName, 'media0')), 502, 'M_UNKNOWN');
      assert.equal(hostile.requests.length, 1);
    });

    it('is asked no more often than any server if it always means another, and all of that ends', async () => {
      await using hostile = await FakeRemote.start();
      for (let index = 0; index < CHAIN; index += 1) hostile.media.set(`media${index}`, locatedAt(open, hostile, index + 1));
      assertError(await open.user.download(parseMxcParts(hostile.serverName, 'media0')), 502, 'M_UNKNOWN');
      const { length } = hostile.requests;
      assert.ok(length > 1 && length <= MAX_UNDER_WAY, `${length} requests`);
      const bytes = Buffer.from('an honest one');
      await using honest = await FakeRemote.start();
      honest.media.set('media', { bytes });
      assertBytes(await open.user.download(parseMxcParts(honest.serverName, 'media')), bytes);
      assert.ok(hostile.requests.length <= MAX_UNDER_WAY, `${hostile.requests.length} requests`);
    });

    it('is asked once where old requests are frozen', async () => {
      await using hostile = await FakeRemote.start();
      for (let index = 0; index < CHAIN; index += 1) hostile.media.set(`media${index}`, locatedAt(frozen, hostile, index + 1));
      const { status } = await frozen.user.download(parseMxcParts(hostile.serverName, 'media0'));
      assert.ok(status === 404 || status === 502, `${status}`);
      assert.equal(hostile.requests.length, 1);
    });
  });
}

function locatedAt({ front }: FederatedMedley, { serverName }: FakeRemote, index: number): RemoteScript {
  const { contentType, body } = toRedirect(`https://${front.serverName}/_matrix/media/v3/download/${serverName}/media${index}?allow_remote=true&timeout_ms=0`);
  return (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body);
}
