import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { parseMxcText, toMxcText } from '@medley/domain/mxc-uri';
import type { RoomEvent } from '../domain/room-event.ts';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { rounds, soon } from './samples.contract.ts';
import type { Indexed, RoomIndex } from './room-index.ts';

const NOTHING: Indexed = { addedCount: 0, removedCount: 0 };

/** What every store promises about the media of rooms. */
export function testRoomIndex(replicas: Replicas, open: OpenStore): void {
  testUses(replicas);
  testRedactions(replicas);
  testState(replicas, open);
  testConcurrency(replicas);
}

function testUses(replicas: Replicas): void {
  test('what events use is listed, the newest event first, by every process', async () => {
    const roomId = ownRoom();
    const [old, recent] = [message(roomId, 1000, ownMxc(), ownMxc()), message(roomId, 20_000, ownMxc())];
    assert.deepEqual(await index(replicas, [recent, old, message(roomId, 3000), message(ownRoom(), 4000, ownMxc())]), { addedCount: 4, removedCount: 0 });
    for (const { rooms } of replicas.all()) {
      const { uses, next } = await rooms.listRoom({ roomId, limit: 10 }, soon());
      const { sender, at, eventId } = recent;
      assert.deepEqual(uses[0], { uri: parseMxcText(urisOf(recent)[0] ?? ''), roomId, eventId, kind: 'event', sender, at });
      assert.deepEqual(uses.slice(1).map(({ uri }) => toMxcText(uri)).sort(), urisOf(old).sort());
      assert.equal(next, undefined);
    }
    assert.deepEqual(await listRoom(replicas, ownRoom()), []);
  });

  test('an event that is told again changes nothing', async () => {
    const roomId = ownRoom();
    const events = [message(roomId, 1000, ownMxc()), memberOf(roomId, 2000, ownMxc())];
    assert.equal((await index(replicas, [...events, ...events])).addedCount, 2);
    for (let again = 0; again < 2; again += 1) assert.deepEqual(await index(replicas, events), NOTHING);
    assert.equal((await listRoom(replicas, roomId)).length, 2);
  });

  test('a room is listed page by page, each use once, also where events came at the same time', async () => {
    const roomId = ownRoom();
    const events = Array.from({ length: 7 }, (_, at) => message(roomId, 1000 + Math.floor(at / 3), ownMxc()));
    await index(replicas, [...events, message(`${roomId}0`, 9999, ownMxc()), message(roomId.slice(0, -1), 9999, ownMxc())]);
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await replicas.next().rooms.listRoom({ roomId, limit: 2, after }, soon());
      listed.push(...page.uses.map(({ eventId }) => eventId));
      after = page.next;
    } while (after !== undefined);
    const expected = events.toSorted((a, b) => b.at - a.at || (a.eventId < b.eventId ? 1 : -1));
    assert.deepEqual(listed, expected.map(({ eventId }) => eventId));
  });

  test('the uses of media are found in all rooms, by kind, a limited number of each', async () => {
    const [everywhere, avatar] = [ownMxc(), ownMxc()];
    const [here, there] = [ownRoom(), ownRoom()];
    await index(replicas, [
      message(here, 1000, everywhere), message(there, 2000, everywhere), message(there, 3000, everywhere),
      memberOf(here, 4000, avatar), stateEvent(there, 5000, { type: 'm.room.avatar', content: { url: avatar } }), message(here, 6000, avatar),
      stateEvent(there, 7000, { type: 'im.ponies.room_emotes', content: { images: { x: { url: everywhere } } } }),
    ]);
    const { rooms } = replicas.next();
    const uris = [everywhere, avatar, ownMxc()].map(parseMxcText);
    const all = await rooms.listUses({ uris, kinds: [], limitEach: 100 }, soon());
    assert.deepEqual(all.map(({ uri, roomId, kind }) => [toMxcText(uri), roomId, kind].join(' ')).sort(), [
      `${everywhere} ${here} event`, `${everywhere} ${there} event`, `${everywhere} ${there} event`, `${everywhere} ${there} pack`,
      `${avatar} ${here} member-avatar`, `${avatar} ${there} room-avatar`, `${avatar} ${here} event`,
    ].sort());
    const avatars = await rooms.listUses({ uris, kinds: ['room-avatar', 'member-avatar'], limitEach: 1 }, soon());
    assert.deepEqual(avatars.map(({ uri }) => toMxcText(uri)), [avatar]);
    assert.equal((await rooms.listUses({ uris, kinds: ['event'], limitEach: 2 }, soon())).length, 3);
  });
}

function testRedactions(replicas: Replicas): void {
  test('what a redacted event used is used no more, and the event stays redacted', async () => {
    const roomId = ownRoom();
    const [event, other] = [message(roomId, 1000, ownMxc(), ownMxc()), message(roomId, 2000, ownMxc())];
    await index(replicas, [event, other]);
    assert.deepEqual(await index(replicas, [redactionOf(event)]), { addedCount: 0, removedCount: 2 });
    assert.deepEqual(await index(replicas, [event, redactionOf(event)]), NOTHING);
    assert.deepEqual(await listRoom(replicas, roomId), urisOf(other));
  });

  test('a redaction holds that comes before its event, or with it', async () => {
    const roomId = ownRoom();
    const [early, together, state] = [message(roomId, 1000, ownMxc()), message(roomId, 2000, ownMxc()), memberOf(roomId, 3000, ownMxc())];
    assert.deepEqual(await index(replicas, [redactionOf(early), redactionOf(state)]), NOTHING);
    assert.deepEqual(await index(replicas, [early, together, redactionOf(together), state]), NOTHING);
    assert.deepEqual(await listRoom(replicas, roomId), []);
  });

  test('an event is not redacted from another room', async () => {
    const roomId = ownRoom();
    const event = message(roomId, 1000, ownMxc());
    await index(replicas, [event, { ...redactionOf(event), roomId: ownRoom() }]);
    assert.deepEqual(await listRoom(replicas, roomId), urisOf(event));
  });
}

function testState(replicas: Replicas, open: OpenStore): void {
  test('newer state replaces older, of the same room, type and key alone', async () => {
    const [roomId, first, second, other] = [ownRoom(), ownMxc(), ownMxc(), ownMxc()];
    const someone = { stateKey: '@someone:example.org' };
    await index(replicas, [memberOf(roomId, 1000, first), memberOf(roomId, 1000, other, someone)]);
    assert.deepEqual(await index(replicas, [memberOf(roomId, 2000, second)]), { addedCount: 1, removedCount: 1 });
    assert.deepEqual((await listRoom(replicas, roomId)).sort(), [second, other].sort());
    assert.deepEqual(await index(replicas, [memberOf(roomId, 3000, '')]), { addedCount: 0, removedCount: 1 });
    assert.deepEqual(await index(replicas, [memberOf(roomId, 3000, other, { ...someone, membership: 'leave' })]), { addedCount: 0, removedCount: 1 });
    assert.deepEqual(await listRoom(replicas, roomId), []);
  });

  test('older state that comes late does not win, nor does it within one call', async () => {
    const [roomId, recent] = [ownRoom(), ownMxc()];
    const late = memberOf(roomId, 1000, ownMxc());
    assert.deepEqual(await index(replicas, [memberOf(roomId, 2000, recent), late]), { addedCount: 1, removedCount: 0 });
    assert.deepEqual(await index(replicas, [late]), NOTHING);
    assert.deepEqual(await listRoom(replicas, roomId), [recent]);
    await index(replicas, [memberOf(roomId, 3000, '')]);
    assert.deepEqual(await index(replicas, [memberOf(roomId, 2500, ownMxc())]), NOTHING);
  });

  test('of state of one time that with the greater event id stands, in whatever order it comes', async () => {
    for (const order of [['$1', '$2'], ['$2', '$1']]) {
      const roomId = ownRoom();
      const uris = new Map(order.map((eventId) => [eventId, ownMxc()]));
      for (const [eventId, uri] of uris) await index(replicas, [{ ...memberOf(roomId, 1000, uri), eventId }]);
      assert.deepEqual(await listRoom(replicas, roomId), [uris.get('$2')]);
    }
  });

  test('state from a time to come is replaced by what is sent later', async () => {
    let now = Date.now();
    await using store = await open({ now: () => now });
    const [roomId, next] = [ownRoom(), ownMxc()];
    await store.rooms.index([memberOf(roomId, Number.MAX_SAFE_INTEGER, ownMxc())], soon());
    now += 1000;
    await store.rooms.index([memberOf(roomId, now, next)], soon());
    assert.deepEqual(await listRoom(replicas, roomId), [next]);
  });
}

function testConcurrency(replicas: Replicas): void {
  test('of state that several processes are told at once the newest alone stays', { timeout: 60_000 }, async () => {
    for (const _ of rounds({ least: 5, most: 30, withinMs: 3000 })) {
      const roomId = ownRoom();
      const uris = Array.from({ length: 6 }, ownMxc);
      await Promise.all(uris.map((uri, at) => index(replicas, [memberOf(roomId, 1000 + at, uri)])));
      assert.deepEqual(await listRoom(replicas, roomId), uris.slice(-1));
    }
  });

  test('an event whose redaction comes at the same time stays redacted', { timeout: 60_000 }, async () => {
    for (const _ of rounds({ least: 5, most: 30, withinMs: 3000 })) {
      const event = message(ownRoom(), 1000, ownMxc());
      await Promise.all([event, redactionOf(event), event].map((one) => index(replicas, [one])));
      assert.deepEqual(await listRoom(replicas, event.roomId), []);
    }
  });
}

/** By one process after the other. */
function index(replicas: Replicas, events: readonly RoomEvent[]): ReturnType<RoomIndex['index']> {
  return replicas.next().rooms.index(events, soon());
}

async function listRoom(replicas: Replicas, roomId: string): Promise<string[]> {
  const { uses } = await replicas.next().rooms.listRoom({ roomId, limit: 1000 }, soon());
  return uses.map(({ uri }) => toMxcText(uri));
}

function ownRoom(): string {
  return `!${randomUUID()}:example.org`;
}

function ownMxc(): string {
  return `mxc://remote.example/${randomUUID()}`;
}

function message(roomId: string, at: number, ...uris: readonly string[]): RoomEvent {
  const content = { items: uris.map((url) => ({ url })) };
  return { roomId, eventId: `$${randomUUID()}`, type: 'm.room.message', stateKey: undefined, sender: '@a:example.org', at, content, redacts: undefined };
}

function urisOf({ content }: RoomEvent): string[] {
  return (content['items'] as readonly { readonly url: string }[]).map(({ url }) => url);
}

function stateEvent(roomId: string, at: number, parts: Pick<RoomEvent, 'type' | 'content'> & Partial<RoomEvent>): RoomEvent {
  return { ...message(roomId, at), stateKey: '', ...parts };
}

function memberOf(roomId: string, at: number, avatarUrl: string, { stateKey = '@a:example.org', membership = 'join' } = {}): RoomEvent {
  return stateEvent(roomId, at, { type: 'm.room.member', stateKey, content: { membership, avatar_url: avatarUrl } });
}

function redactionOf({ roomId, eventId }: RoomEvent): RoomEvent {
  return { ...message(roomId, 5000), type: 'm.room.redaction', content: {}, redacts: eventId };
}
