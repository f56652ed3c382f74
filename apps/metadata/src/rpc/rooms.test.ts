import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaUseKind, type RoomEvent } from '@medley/proto/metadata/rooms';
import { useService } from '../one-service.fixture.ts';
import { because } from '../ports/samples.contract.ts';
import type { Client } from '../running-service.fixture.ts';

const KEY = { origin: 'remote.example', mediaId: 'abc' };
const EVENT: RoomEvent = {
  roomId: '!room:example.org', eventId: '$1', type: 'm.room.message', sender: '@a:example.org', originServerTs: 5,
  content: '{"url":"mxc://remote.example/abc"}',
};
const MEMBER = { ...EVENT, eventId: '$2', type: 'm.room.member', stateKey: '@a:example.org', content: '{"membership":"join","avatar_url":"mxc://remote.example/abc"}' };

const BAD: Readonly<Record<string, (rpc: Client['rpc']) => Promise<unknown>>> = {
  'too many events': (rpc) => rpc.indexEvents({ events: Array.from({ length: 1001 }, () => EVENT) }),
  'an event of no room': (rpc) => rpc.indexEvents({ events: [EVENT, { ...EVENT, roomId: '' }] }),
  'an event whose id has white space': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, eventId: '$1 2' }] }),
  'an event of nobody': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, sender: '' }] }),
  'an event from before time': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, originServerTs: -1 }] }),
  'content that is no JSON': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, content: '{' }] }),
  'content that is no object': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, content: '[]' }] }),
  'a redaction of nothing': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, redacts: '' }] }),
  'a type that is too long': (rpc) => rpc.indexEvents({ events: [{ ...EVENT, type: 'a'.repeat(1025) }] }),
  'a page of nothing': (rpc) => rpc.listRoomMedia({ roomId: EVENT.roomId, limit: 0 }),
  'a page after none': (rpc) => rpc.listRoomMedia({ roomId: EVENT.roomId, limit: 1, after: 'x' }),
  'too many media': (rpc) => rpc.listMediaUses({ keys: Array.from({ length: 1001 }, () => KEY), kinds: [], limitEach: 1 }),
  'no uses of each': (rpc) => rpc.listMediaUses({ keys: [KEY], kinds: [], limitEach: 0 }),
  'too many uses of each': (rpc) => rpc.listMediaUses({ keys: [KEY], kinds: [], limitEach: 101 }),
  'a kind that does not exist': (rpc) => rpc.listMediaUses({ keys: [KEY], kinds: [MediaUseKind.UNSPECIFIED], limitEach: 1 }),
  'a media that can’t be': (rpc) => rpc.listMediaUses({ keys: [{ ...KEY, mediaId: '' }], kinds: [], limitEach: 1 }),
};

describe('the room index by RPC', () => {
  const client = useService();

  for (const [what, call] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => assert.rejects(call(client.rpc), because('INVALID_PARAM')));
  }

  test('has nothing of what it refused', async () => {
    assert.deepEqual(await client.rpc.listRoomMedia({ roomId: EVENT.roomId, limit: 10 }), { uses: [], next: undefined });
  });

  test('tells what was added and taken away, and where media is used', async () => {
    assert.deepEqual(await client.rpc.indexEvents({ events: [EVENT, MEMBER] }), { addedCount: 2, removedCount: 0 });
    const [message, avatar] = [EVENT, MEMBER].map(({ roomId, eventId, sender }) => ({ key: KEY, roomId, eventId, sender, atMs: 5 }));
    const both = [{ ...avatar, kind: MediaUseKind.MEMBER_AVATAR }, { ...message, kind: MediaUseKind.EVENT }];
    assert.deepEqual(await client.rpc.listRoomMedia({ roomId: EVENT.roomId, limit: 10 }), { uses: both, next: undefined });
    assert.deepEqual(await client.rpc.listMediaUses({ keys: [KEY, KEY], kinds: [MediaUseKind.MEMBER_AVATAR], limitEach: 5 }), { uses: both.slice(0, 1) });
    const redaction = { ...EVENT, eventId: '$3', type: 'm.room.redaction', content: '{}', redacts: EVENT.eventId };
    assert.deepEqual(await client.rpc.indexEvents({ events: [redaction] }), { addedCount: 0, removedCount: 1 });
  });
});
