import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaUseKind } from '@medley/proto/metadata/rooms';
import type { Gateway } from '../../gateway.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { listMediaInRoom } from './list-media-in-room.ts';

const PAGE = 1000;

describe('the media of a room', () => {
  it('ends, and says so, where it is more than one answer can hold', async () => {
    let pageCount = 0;
    const listRoomMedia = async () => {
      pageCount += 1;
      const uses = Array.from({ length: PAGE }, (_, index) => ({ key: { origin: 'b.example', mediaId: `m${pageCount}-${index}` }, kind: MediaUseKind.EVENT }));
      return { uses, next: pageCount < 300 ? 'more' : undefined };
    };
    const gateway = { services: { metadata: { listRoomMedia } }, tenants: { isLocal: () => false } } as unknown as Gateway;
    const context = { set: () => undefined, status: 0, body: { local: [], remote: [], incomplete: false } };
    const tenant = { serverName: 'a.example', staticTokens: [] };
    const exchange = { context, tenant, params: { roomId: '!r' }, token: 'token', signal: new AbortController().signal };
    await listMediaInRoom(exchange as unknown as AuthenticatedExchange, gateway);
    const { local, remote, incomplete } = context.body;
    assert.deepEqual([local.length, remote.length, incomplete], [0, 250 * PAGE, true]);
  });
});
