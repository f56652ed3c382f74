import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { paintPng } from '@medley/testing/images';
import { assertBytes, assertError } from '../harness/expect.ts';
import { bytesOf } from '../maintenance/bytes-on-disk.ts';
import { download, largeFile, offer, requestCount, type RemoteScene } from './remote-scene.ts';

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What is lost of another server's media is fetched again. `forget` makes federation-fetch forget what it has fetched lately. */
export function healsRemoteMedia(scene: RemoteScene, forget: () => Promise<void>): void {
  const { user, site } = scene;
  const disk = bytesOf(site);
  const metadata = site.connectMetadata();
  after(() => metadata.close());

  /** Media that is kept. */
  async function keep(bytes: Buffer): Promise<MxcUri> {
    const uri = offer(scene, { bytes });
    assert.equal((await user.download(uri)).status, 200);
    await forget();
    return uri;
  }

  describe('media of another server whose bytes are lost', () => {
    it('is fetched again when they are missed', async () => {
      const bytes = largeFile();
      const uri = await keep(bytes);
      await disk.lose(digestOf(bytes));
      for (let round = 0; round < 2; round += 1) assertBytes(await user.download(uri), bytes);
      assert.equal(requestCount(scene, uri), 2);
    });

    it('is fetched again when they are known to be lost, also if they are others now', async () => {
      const bytes = largeFile();
      const uri = await keep(bytes);
      await disk.lose(digestOf(bytes));
      await metadata.rpc.markBlobs({ digests: [digestOf(bytes)], store: COMMON_STORE, lost: true, by: 'test' });
      const others = largeFile(1_000_000);
      scene.remote.media.set(uri.mediaId, { bytes: others });
      await eventually(async () => assertBytes(await user.download(uri, { method: 'HEAD' }).then(() => user.download(uri)), others), 3000);
      assert.equal(requestCount(scene, uri), 2);
    });

    it('is answered with its server’s failure as long as it can’t be had', async () => {
      const bytes = largeFile();
      const uri = await keep(bytes);
      await disk.lose(digestOf(bytes));
      scene.remote.media.delete(uri.mediaId);
      assertError(await user.download(uri), 404, 'M_NOT_FOUND');
    });

    it('is fetched for whoever comes next when they are damaged', async () => {
      const bytes = largeFile();
      const uri = await keep(bytes);
      await disk.damage(digestOf(bytes), Buffer.alloc(bytes.byteLength));
      assert.equal((await download(scene, uri)).isWhole, false);
      await eventually(async () => assertBytes(await user.download(uri, {}), bytes), 5000);
      assert.equal(requestCount(scene, uri), 2);
    });

    it('is fetched again for a thumbnail', async () => {
      const bytes = paintPng(900, 700);
      const uri = await keep(bytes);
      await disk.lose(digestOf(bytes));
      assert.equal((await user.thumbnail(uri, { width: 320, height: 240 })).status, 200);
      assert.equal(requestCount(scene, uri), 2);
    });
  });
}
