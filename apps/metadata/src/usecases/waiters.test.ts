import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import { toAvailableMedia, toPendingMedia, type AvailableMedia, type MediaRecord, type PendingMedia } from '../domain/media-record.ts';
import { because, contentOf, HOUR_MS, ORIGIN, someone, soon } from '../ports/samples.contract.ts';
import { Waiters, type WaitersOptions } from './waiters.ts';

/** Media in memory, and waiters that look there. */
class Setting {
  readonly media = new Map<string, MediaRecord>();
  readonly looks: number[] = [];
  now = Date.now();
  failure: Error | undefined;
  readonly waiters: Waiters;

  constructor(options: Partial<WaitersOptions> = {}) {
    const find = async (uris: readonly MxcUri[]) => {
      this.looks.push(uris.length);
      if (this.failure !== undefined) throw this.failure;
      return uris.map((uri) => this.media.get(toMxcText(uri)));
    };
    this.waiters = new Waiters({ find, now: () => this.now, pollMs: 5, ...options });
  }

  reserve(): PendingMedia {
    const uri = { origin: ORIGIN, mediaId: mintMediaId(this.now) };
    const creation = { uri, userId: someone(), createdAt: this.now };
    const record = toPendingMedia(creation, this.now + HOUR_MS);
    this.media.set(toMxcText(uri), record);
    return record;
  }

  commit({ uri, userId, createdAt }: PendingMedia): AvailableMedia {
    const media = toAvailableMedia({ uri, userId, createdAt }, contentOf('a'));
    this.media.set(toMxcText(uri), media);
    return media;
  }
}

const NEVER_MS = HOUR_MS;

describe('waiting for uploads', () => {
  test('a commit by this process wakes all who wait for it, without a look into the store', async () => {
    const setting = new Setting({ pollMs: NEVER_MS });
    const pending = setting.reserve();
    const waits = [1, 2, 3].map(() => setting.waiters.wait(pending.uri, NEVER_MS, soon()));
    const media = setting.commit(pending);
    setting.waiters.wake(media);
    assert.deepEqual(await Promise.all(waits), [media, media, media]);
    assert.deepEqual(setting.looks, []);
    setting.waiters.close();
  });

  test('a commit by another process is found', async () => {
    const setting = new Setting();
    const pending = setting.reserve();
    const wait = setting.waiters.wait(pending.uri, NEVER_MS, soon());
    const media = setting.commit(pending);
    assert.deepEqual(await wait, media);
  });

  test('one look asks for everything awaited, each name once', async () => {
    const setting = new Setting();
    const records = Array.from({ length: 10 }, () => setting.reserve());
    const waits = [...records, ...records].map(({ uri }) => setting.waiters.wait(uri, NEVER_MS, soon()));
    await eventually(() => assert.ok(setting.looks.length > 0));
    assert.ok(setting.looks.every((count) => count === 10), `asked for ${setting.looks.join()}`);
    const committed = records.map((record) => setting.commit(record));
    assert.deepEqual(await Promise.all(waits), [...committed, ...committed]);
  });

  test('nobody looks into the store once nobody waits', async () => {
    const setting = new Setting();
    const pending = setting.reserve();
    const wait = setting.waiters.wait(pending.uri, NEVER_MS, soon());
    await eventually(() => assert.ok(setting.looks.length >= 2));
    setting.waiters.wake(setting.commit(pending));
    await wait;
    const before = setting.looks.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(setting.looks.length, before);
  });

  test('the wait ends after its time, when the signal aborts, and when the media id lapses', async () => {
    const setting = new Setting();
    const { uri } = setting.reserve();
    await assert.rejects(setting.waiters.wait(uri, 10, soon()), because('NOT_YET_UPLOADED'));
    await assert.rejects(setting.waiters.wait(uri, NEVER_MS, AbortSignal.timeout(10)), { name: 'TimeoutError' });
    const lapsing = assert.rejects(setting.waiters.wait(uri, NEVER_MS, soon()), because('NOT_FOUND'));
    setting.now += HOUR_MS;
    await lapsing;
  });

  test('a store that fails is told to those who wait, and asked again for those who come later', async () => {
    const setting = new Setting();
    const pending = setting.reserve();
    setting.failure = new MediaError('SERVICE_UNAVAILABLE', 'The metadata store is not available');
    await assert.rejects(setting.waiters.wait(pending.uri, NEVER_MS, soon()), because('SERVICE_UNAVAILABLE'));
    setting.failure = undefined;
    const wait = setting.waiters.wait(pending.uri, NEVER_MS, soon());
    const media = setting.commit(pending);
    assert.deepEqual(await wait, media);
  });

  test('one waiter too many is told to come back, until another has left', async () => {
    const setting = new Setting({ maxWaiters: 2 });
    const { uri } = setting.reserve();
    const leaving = new AbortController();
    const first = assert.rejects(setting.waiters.wait(uri, NEVER_MS, leaving.signal), { name: 'AbortError' });
    const second = assert.rejects(setting.waiters.wait(uri, 20, soon()), because('NOT_YET_UPLOADED'));
    await assert.rejects(setting.waiters.wait(uri, NEVER_MS, soon()), because('BUSY'));
    leaving.abort();
    await first;
    await assert.rejects(setting.waiters.wait(uri, 1, soon()), because('NOT_YET_UPLOADED'));
    await second;
  });

  test('closing sends everybody away, and whoever comes later', async () => {
    const setting = new Setting({ pollMs: NEVER_MS });
    const { uri } = setting.reserve();
    const wait = assert.rejects(setting.waiters.wait(uri, NEVER_MS, soon()), because('SERVICE_UNAVAILABLE'));
    setting.waiters.close();
    await wait;
    await assert.rejects(setting.waiters.wait(uri, NEVER_MS, soon()), because('SERVICE_UNAVAILABLE'));
  });
});
