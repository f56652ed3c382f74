import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertContains } from '../harness/every-answer.ts';
import { ENDPOINTS } from './endpoint-list.ts';
import type { System } from '../harness/system.ts';

/**
 * OPTIONS (X3). That every other answer carries CORS headers, errors too (X4), is checked wherever a suite makes a
 * call, in `checkEveryAnswer`.
 */
export function describeCors({ site }: System): void {
  describe('cors', () => {
    for (const { path } of ENDPOINTS) {
      it(`answers OPTIONS ${path} without a token and without doing anything`, async () => {
        const asked = site.homeserver.calls.length;
        const user = site.user();
        for (const token of [undefined, 'nobody']) {
          const answer = await user.call(path, { method: 'OPTIONS', token });
          assert.ok(answer.status >= 200 && answer.status < 300, `got ${answer.status}`);
          assertContains(answer.headers['access-control-allow-methods'], ['HEAD'], 'HEAD is answered, so it should be allowed');
        }
        assert.equal(site.homeserver.calls.length, asked);
      });
    }

    it('answers OPTIONS where parameters and ids are malformed or missing', async () => {
      const user = site.user();
      const media = '/_matrix/client/v1/media';
      for (const path of [`${media}/download/bad_host!/a.b`, `${media}/thumbnail/e2e.example/abc?width=x`, '/_matrix/media/v3/upload/e2e.example/%2e%2e']) {
        const { status } = await user.call(path, { method: 'OPTIONS', token: undefined });
        assert.ok(status >= 200 && status < 300, `got ${status}`);
      }
    });

    it('lets browsers send what conditional and partial requests need', async () => {
      const { headers } = await site.user().call('/_matrix/client/v1/media/config', { method: 'OPTIONS', token: undefined });
      assertContains(headers['access-control-allow-headers'], ['Range', 'If-None-Match'], 'N24');
    });
  });
}
