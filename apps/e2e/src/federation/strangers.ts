import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { Answer, Query } from '../harness/http-call.ts';
import { offer, requestCount, type RemoteScene } from './remote-scene.ts';

const BYTES = Buffer.from('for everybody');

/** Requests without a token where media is not frozen. */
export function servesStrangers(scene: RemoteScene): void {
  const old = ({ origin, mediaId }: MxcUri, query: Query = {}): Promise<Answer> =>
    scene.user.call(`/_matrix/media/v3/download/${origin}/${mediaId}`, { token: undefined, query });

  describe('a request without a token, without the freeze', () => {
    it('has media fetched, unless it says that it must not be', async () => {
      const uri = offer(scene, { bytes: BYTES });
      assertError(await old(uri, { allow_remote: false }), 404, 'M_NOT_FOUND');
      assert.equal(requestCount(scene, uri), 0);
      assertBytes(await old(uri, { allow_remote: true }), BYTES);
      assertBytes(await old(uri, { allow_remote: false }), BYTES);
      assert.equal(requestCount(scene, uri), 1);
    });
  });
}
