import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { homeservers } from '@medley/config/homeserver';
import { toTrashTimes } from '@medley/config/trash-times';
import { MediaError } from '@medley/domain/media-error';
import type { DeleteMediaRequest } from '@medley/proto/metadata/moderation';
import type { Gateway } from '../gateway.ts';
import { moderate } from './moderate.ts';

const KEYS = ['a.example', 'b.example', 'c.example', 'remote.example', 'b.example'].map((origin, index) => ({ origin, mediaId: `m${index}` }));
const ORDER = { action: 'delete', keys: KEYS, by: '@admin:a.example', reason: 'spam' } as const;

/** As much of a gateway as deleting needs: two of three tenants say how long their trash keeps media. */
function gatewayOf(deleteMedia: (request: DeleteMediaRequest) => void): Gateway {
  const tenants = homeservers.parse([
    { server_name: 'a.example' }, { server_name: 'b.example', retention: { trash: 0 } }, { server_name: 'c.example', retention: { trash: '7d' } },
  ]);
  const metadata = {
    async deleteMedia(request: DeleteMediaRequest) {
      deleteMedia(request);
      return { deleted: request.keys.filter(({ mediaId }) => mediaId !== 'm4') };
    },
  };
  const parts = { config: { trashOf: toTrashTimes({ retention: { trash: 60_000 }, homeservers: tenants }) }, services: { metadata } };
  return parts as unknown as Gateway; // all else is not asked for
}

describe('deleting media of several tenants in one call', () => {
  it('puts each into the trash for as long as its tenant says, and that of other servers for as long as is said for all', async () => {
    const requests: DeleteMediaRequest[] = [];
    const taken = await moderate(gatewayOf((request) => void requests.push(request)), { ...ORDER, keys: [...KEYS] }, new AbortController().signal);
    const told = requests.map(({ keys, trashMs }) => [trashMs, keys.map(({ mediaId }) => mediaId)]);
    assert.deepEqual(told, [[60_000, ['m0', 'm3']], [0, ['m1', 'm4']], [604_800_000, ['m2']]]);
    assert.deepEqual([...new Set(requests.map(({ by, reason }) => `${by}: ${reason}`))], ['@admin:a.example: spam']);
    assert.deepEqual([...taken].toSorted(), ['mxc://a.example/m0', 'mxc://b.example/m1', 'mxc://c.example/m2', 'mxc://remote.example/m3']);
  });

  it('fails where one of its calls does', async () => {
    const gateway = gatewayOf(({ trashMs }) => {
      if (trashMs === 0) throw new MediaError('SERVICE_UNAVAILABLE', 'metadata is not available');
    });
    await assert.rejects(moderate(gateway, { ...ORDER, keys: [...KEYS] }, new AbortController().signal), { reason: 'SERVICE_UNAVAILABLE' });
  });
});
