import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { assertBytes, assertError } from '../harness/expect.ts';
import { DrippingMedia } from './dripping-media.ts';
import { download, largeFile, offer, requestCount, type RemoteScene } from './remote-scene.ts';

/** Media of other servers that admins have hidden, also before it was here. */
export function hidesRemoteMedia(scene: RemoteScene): void {
  const { user, site } = scene;
  const metadata = site.connectMetadata();
  after(() => metadata.close());

  async function hide(parts: { readonly keys?: { origin: string; mediaId: string }[]; readonly digests?: string[] }, quarantined = true): Promise<void> {
    await metadata.rpc.setQuarantine({ keys: [], digests: [], quarantined, by: 'test', ...parts });
  }

  describe('quarantined media of another server', () => {
    it('is not fetched if it was banned ahead, and is when that has ended', async () => {
      const bytes = Buffer.from('banned ahead');
      const uri = offer(scene, { bytes });
      await hide({ keys: [uri] });
      assertError(await user.download(uri), 404, 'M_NOT_FOUND');
      assertError(await user.thumbnail(uri, { width: 32, height: 32 }), 404, 'M_NOT_FOUND');
      assert.equal(requestCount(scene, uri), 0);
      await hide({ keys: [uri] }, false);
      assertBytes(await user.download(uri), bytes);
    });

    it('is not shown if its bytes were banned ahead', async () => {
      const bytes = Buffer.from('banned by its bytes');
      await hide({ digests: [createHash('sha256').update(bytes).digest('hex')] });
      const uri = offer(scene, { bytes });
      assertError(await user.download(uri), 404, 'M_NOT_FOUND');
      assertError(await user.download(uri), 404, 'M_NOT_FOUND');
      assert.equal(requestCount(scene, uri), 1, 'and is not fetched again');
    });

    it('is hidden again when it is kept', async () => {
      const uri = offer(scene, { bytes: Buffer.from('banned later') });
      assert.equal((await user.download(uri)).status, 200);
      await hide({ keys: [uri] });
      await eventually(async () => assertError(await user.download(uri), 404, 'M_NOT_FOUND'), 2000);
    });

    for (const tellsSize of [true, false]) {
      it(`loses its end if it is banned by its bytes while it arrives, its size being ${tellsSize ? 'known' : 'unknown'}`, async () => {
        const bytes = largeFile();
        const drip = new DrippingMedia({ bytes, tellsSize });
        const uri = offer(scene, drip.script);
        const asked = download(scene, uri);
        await drip.sendUpTo(1_500_000);
        await hide({ digests: [createHash('sha256').update(bytes).digest('hex')] });
        await drip.finish();
        const { isWhole, sizeBytes } = await asked;
        assert.equal(isWhole, false);
        assert.ok(sizeBytes <= bytes.byteLength - 64 * 1024, `${sizeBytes} bytes were shown`);
        assertError(await user.download(uri), 404, 'M_NOT_FOUND');
      });
    }
  });
}
