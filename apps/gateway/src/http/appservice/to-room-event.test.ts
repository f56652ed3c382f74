import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toRoomEvent } from './to-room-event.ts';

const EVENT = { room_id: '!r:a.example', event_id: '$e', type: 'm.room.message', sender: '@u:a.example', origin_server_ts: 1, content: { url: 'mxc://a.example/b' } };
const DEPTH = 100_000;

describe('an event of a transaction', () => {
  it('keeps its content as text', () => {
    assert.equal(toRoomEvent(EVENT)?.content, '{"url":"mxc://a.example/b"}');
  });

  it('is passed over where nobody could write its content down, so that it does not come for ever', () => {
    const content: unknown = JSON.parse(`${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`);
    assert.equal(toRoomEvent({ ...EVENT, content }), undefined);
  });
});
