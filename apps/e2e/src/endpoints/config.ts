import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertJson, assertNotCacheable } from '../harness/expect.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

/** GET /_matrix/client/v1/media/config and its deprecated forms. */
export function describeConfig({ site }: System): void {
  describe('config', () => {
    for (const path of ['/_matrix/client/v1/media/config', '/_matrix/media/v3/config', '/_matrix/media/r0/config']) {
      it(`says at ${path} how much may be uploaded`, async () => {
        const answer = await site.user().call(path);
        assert.equal(assertJson(answer)['m.upload.size'], MAX_UPLOAD_BYTES);
        assertNotCacheable(answer);
      });
    }
  });
}
