import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertError } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import { DrippingMedia } from './dripping-media.ts';
import { largeFile, offer, requestCount, type RemoteScene } from './remote-scene.ts';

/** What one user of `limitsRemoteMedia` may fetch at once, and each second. */
export const USER_BURST_BYTES = 3_000_000;
export const USER_BYTES_PER_SECOND = 100;

function assertLimited(answer: Answer): number {
  const { error, retry_after_ms: retryAfterMs } = assertError(answer, 429, 'M_LIMIT_EXCEEDED');
  assert.equal(error, 'Requested file size exceeds ratelimits');
  assert.equal(answer.headers['retry-after'], String(Math.ceil(Number(retryAfterMs) / 1000)));
  return Number(retryAfterMs);
}

/** How much a user may make us fetch (S8). Each test has a user of its own. */
export function limitsRemoteMedia(scene: RemoteScene): void {
  const { site } = scene;

  describe('what a user makes us fetch', () => {
    it('is limited in bytes, and what is here costs nothing', async () => {
      const user = site.user();
      const uris = [1, 2, 3].map(() => offer(scene, { bytes: largeFile(1_200_000) }));
      const [first, second, third] = uris;
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      for (const uri of [first, second]) assert.equal((await user.download(uri)).status, 200);
      const retryAfterMs = assertLimited(await user.download(third));
      // room for 1 MiB must be there, 0.6 MB is
      assert.ok(retryAfterMs > 4_000_000 && retryAfterMs < 4_600_000, `${retryAfterMs} ms`);
      assert.equal(requestCount(scene, third), 0);
      for (const uri of [first, second]) assert.equal((await user.download(uri)).status, 200);
      assert.equal((await site.user().download(third)).status, 200, 'others have room of their own');
    });

    it('is refused by its size before it comes', async () => {
      const user = site.user();
      const drip = new DrippingMedia({ bytes: largeFile(USER_BURST_BYTES + 1), tellsSize: true });
      assertLimited(await user.download(offer(scene, drip.script)));
      assert.equal((await user.download(offer(scene, { bytes: largeFile(2_000_000) }))).status, 200, 'and takes nothing');
    });

    it('does not limit those who have joined somebody whom it limits', async () => {
      const poor = site.user();
      assert.equal((await poor.download(offer(scene, { bytes: largeFile(1_500_000) }))).status, 200);
      const drip = new DrippingMedia({ bytes: largeFile(2_000_000), tellsSize: true });
      const uri = offer(scene, drip.script);
      const refused = poor.download(uri);
      const joined = site.user().download(uri);
      await drip.finish();
      assertLimited(await refused);
      assert.equal((await joined).body.byteLength, 2_000_000);
    });
  });
}
