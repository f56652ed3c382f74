import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { paintPng } from '@medley/testing/images';
import { assertError, assertNotCacheable } from '../harness/expect.ts';
import { downloadPath } from '../harness/media-user.ts';
import type { System } from '../harness/system.ts';

export const LEGACY_VERSIONS = ['v3', 'r0', 'v1'] as const;

/** GET /_matrix/media/{v3,r0,v1}/{download,thumbnail}/… with the freeze on, as it is by default. */
export function describeLegacy(system: System): void {
  describe('deprecated paths', () => {
    frozen(system);
    unknown(system);
  });
}

function frozen({ site }: System): void {
  for (const version of LEGACY_VERSIONS) {
    it(`hides through ${version} what was uploaded under the freeze, with a token, without one, and with a bad one`, async () => {
      const user = site.user();
      const { origin, mediaId } = await user.upload(paintPng(64, 64), { type: 'image/png' });
      const media = `/_matrix/media/${version}`;
      const id = `${origin}/${mediaId}`;
      for (const path of [`${media}/download/${id}`, `${media}/download/${id}/name.png`, `${media}/thumbnail/${id}?width=32&height=32`]) {
        for (const token of [undefined, user.account.token, 'nobody']) {
          const answer = await user.call(path, { token });
          assertError(answer, 404, 'M_NOT_FOUND');
          assertNotCacheable(answer);
        }
        assert.equal((await user.call(path, { method: 'HEAD', token: undefined })).status, 404);
      }
    });
  }

  it('hides what was reserved under the freeze once it is filled', async () => {
    const user = site.user();
    const pending = await user.create();
    await user.put(pending, 'bytes');
    assertError(await user.call(`/_matrix/media/v3/download/${pending.origin}/${pending.mediaId}`, { token: undefined }), 404, 'M_NOT_FOUND');
  });

  it('asks the homeserver nothing', async () => {
    const user = site.user();
    await user.call(`/_matrix/media/v3/download/${site.serverName}/unknown`);
    assert.equal(site.homeserver.callsOf(user.account.token).length, 0);
  });
}

function unknown({ site }: System): void {
  it('does not know ids that nobody has, nor those of other servers', async () => {
    const user = site.user();
    const { origin, mediaId } = await user.upload('bytes');
    for (const uri of [parseMxcParts(origin, 'neverReserved'), parseMxcParts('remote.example', mediaId)]) {
      for (const query of [{}, { allow_remote: false }, { allow_redirect: true }]) {
        const path = downloadPath(uri).replace('/client/v1/media', '/media/v3');
        assertError(await user.call(path, { token: undefined, query }), 404, 'M_NOT_FOUND');
      }
    }
  });

  it('refuses ids and server names outside the grammar', async () => {
    const user = site.user();
    for (const path of [`${site.serverName}/a.b`, `${site.serverName}/%2e%2e`, `${site.serverName}/..%2f..%2fetc`, 'bad_host!/abc', 'host:999999/abc']) {
      assertError(await user.call(`/_matrix/media/v3/download/${path}`, { token: undefined }), 400, 'M_INVALID_PARAM');
    }
  });
}
