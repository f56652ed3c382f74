import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { readThumbnail } from '../endpoints/thumbnail.ts';
import { assertError } from '../harness/expect.ts';
import { largeFile, offer, requestCount, type RemoteScene } from './remote-scene.ts';

/** As the scene is configured. */
const MAX_SOURCE_BYTES = 2 ** 20;

const SMALL = { width: 32, height: 32, method: 'crop' };

/** Thumbnails of other servers' media. */
export function thumbnailsRemoteMedia(scene: RemoteScene): void {
  const { user, remote } = scene;

  /** A file that is too large for us, of which its server has a thumbnail. */
  function offerTooLarge(thumbnail: Uint8Array): MxcUri {
    const uri = offer(scene, { bytes: largeFile(MAX_SOURCE_BYTES + 1) });
    remote.thumbnails.set(uri.mediaId, { bytes: thumbnail, contentType: 'image/png' });
    return uri;
  }

  function thumbnailRequests({ mediaId }: MxcUri): readonly string[] {
    return remote.requestsOf(`/_matrix/federation/v1/media/thumbnail/${mediaId}?`).map(({ uri }) => uri);
  }

  describe('a thumbnail of another server’s media', () => {
    it('is made here from the original, which is kept', async () => {
      const uri = offer(scene, { bytes: paintPng(200, 100), contentType: 'image/png' });
      assert.equal(readThumbnail(await user.thumbnail(uri, SMALL)).width, 32);
      assert.equal(readThumbnail(await user.thumbnail(uri, { width: 96, height: 96, method: 'crop' })).width, 96);
      assert.equal((await user.download(uri)).status, 200);
      assert.equal(requestCount(scene, uri), 1);
    });

    it('is made from the thumbnail that its server has, where the original is too large', async () => {
      const uri = offerTooLarge(paintPng(200, 100));
      const { width, height } = readThumbnail(await user.thumbnail(uri, { ...SMALL, animated: true }));
      assert.deepEqual([width, height], [32, 32], 'ours, not theirs');
      const [asked = ''] = thumbnailRequests(uri);
      for (const part of ['width=32', 'height=32', 'method=crop', 'animated=true']) assert.ok(asked.includes(part), asked);
      const count = requestCount(scene, uri);
      assert.equal((await user.thumbnail(uri, { ...SMALL, animated: true })).status, 200);
      assert.equal(requestCount(scene, uri), count, 'and it is kept');
    });

    it('is never what its server calls one without being an image', async () => {
      const uri = offerTooLarge(Buffer.from('<svg onload="alert(1)"/>'));
      assertError(await user.thumbnail(uri, SMALL), 400, 'M_UNKNOWN');
    });

    it('that is too large as well is refused', async () => {
      const uri = offerTooLarge(largeFile(10 * 2 ** 20 + 1));
      assertError(await user.thumbnail(uri, SMALL), 502, 'M_TOO_LARGE');
    });

    it('is no copy of the media', async () => {
      const uri = offerTooLarge(paintPng(200, 100));
      assert.equal((await user.thumbnail(uri, SMALL)).status, 200);
      assert.equal((await user.download(uri)).body.byteLength, MAX_SOURCE_BYTES + 1);
    });
  });
}
