import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaOrder, type MediaFilter } from '@medley/proto/metadata/catalog';
import { BATCH } from './bulk-act.ts';
import { actWithin, FakeMedia } from './bulk.fixture.ts';
import { deleteMatching } from './delete-matching.ts';
import { quarantineMatching } from './quarantine.ts';
import { quarantineRoom } from './quarantine-room.ts';

const ALL: MediaFilter = { kinds: [], origins: [], userIds: [] };
const DELETION = { filter: ALL, order: MediaOrder.CREATED_AT, keepsAvatars: false };
const ROOM = { roomId: '!r:a.example', token: 'token' };
const HOUR_MS = 3_600_000;
const COUNT = 2 * BATCH + 50;

describe('a bulk deletion', () => {
  it('deletes all in batches while there is time', async () => {
    const media = new FakeMedia(COUNT);
    const { keys, isComplete } = await deleteMatching(media.gateway, DELETION, actWithin(HOUR_MS));
    assert.deepEqual([keys.length, isComplete, media.records.size], [COUNT, true, 0]);
    assert.deepEqual(media.named, [BATCH, BATCH, 50]);
  });

  it('says what it has done when its time is over, and goes on when it is called again', async () => {
    const media = new FakeMedia(COUNT);
    const rounds: [number, boolean][] = [];
    for (let round = 0; round < 4; round += 1) {
      const { keys, isComplete } = await deleteMatching(media.gateway, DELETION, actWithin(0));
      rounds.push([keys.length, isComplete]);
    }
    assert.deepEqual(rounds, [[BATCH, false], [BATCH, false], [50, true], [0, true]]);
  });

  it('deletes no more than it is told to', async () => {
    const media = new FakeMedia(COUNT);
    const { keys, isComplete } = await deleteMatching(media.gateway, { ...DELETION, limit: BATCH + 10 }, actWithin(HOUR_MS));
    assert.deepEqual([keys.length, isComplete, media.named], [BATCH + 10, true, [BATCH, 10]]);
  });

  it('gets past avatars that it keeps', async () => {
    const media = new FakeMedia(COUNT);
    for (const mediaId of [...media.records.keys()].slice(0, BATCH + 1)) media.avatars.add(mediaId);
    const { keys, isComplete } = await deleteMatching(media.gateway, { ...DELETION, keepsAvatars: true }, actWithin(HOUR_MS));
    assert.deepEqual([keys.length, isComplete, media.records.size], [COUNT - BATCH - 1, true, BATCH + 1]);
  });

  it('ends after the batch under way when its requester has left', async () => {
    const media = new FakeMedia(COUNT);
    const leaving = AbortSignal.abort(new Error('left'));
    await assert.rejects(deleteMatching(media.gateway, DELETION, actWithin(HOUR_MS, leaving)), { message: 'left' });
    assert.deepEqual(media.named, [BATCH]);
  });
});

describe('a bulk quarantine', () => {
  it('of a user goes on where it was when its time was over', async () => {
    const media = new FakeMedia(COUNT);
    const counts: unknown[] = [];
    for (let round = 0; round < 4; round += 1) counts.push(await quarantineMatching(media.gateway, ALL, actWithin(0)));
    const part = { count: BATCH, isComplete: false };
    assert.deepEqual(counts, [part, part, { count: 50, isComplete: true }, { count: 0, isComplete: true }]);
  });

  it('of a room goes on where it was when its time was over, and counts what it has hidden before', async () => {
    const media = new FakeMedia(COUNT);
    const rounds: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { count, isComplete } = await quarantineRoom(media.gateway, ROOM, actWithin(0));
      rounds.push([count, isComplete]);
      // what was hidden before is told by the clock
      await sleep(2);
    }
    assert.deepEqual(rounds, [[BATCH, false], [2 * BATCH, false], [COUNT, true], [COUNT, true]]);
    assert.deepEqual(media.named, [BATCH, BATCH, 50]);
  });

  it('of a room names again what was hidden for another reason', async () => {
    const media = new FakeMedia(3);
    await quarantineMatching(media.gateway, ALL, { ...actWithin(HOUR_MS), reason: 'another' });
    assert.deepEqual(await quarantineRoom(media.gateway, ROOM, actWithin(HOUR_MS)), { count: 3, isComplete: true });
    assert.deepEqual(media.named, [3, 3]);
    assert.ok([...media.records.values()].every(({ quarantine }) => quarantine?.reason === 'test'));
  });
});
