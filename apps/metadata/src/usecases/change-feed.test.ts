import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import { digestSubject, type Act } from '../domain/acts.ts';
import { because, contentOf, HOUR_MS, soon } from '../ports/samples.contract.ts';
import { ChangeFeed, type ChangeFeedOptions, type News } from './change-feed.ts';

const NEVER_MS = HOUR_MS;

/** A log in memory, and a feed of it. */
class Setting {
  readonly log: Act[] = [];
  looks = 0;
  failure: Error | undefined;
  readonly feed: ChangeFeed;

  constructor(options: Partial<ChangeFeedOptions> = {}) {
    const acts: ChangeFeedOptions['acts'] = {
      position: async () => {
        this.looks += 1;
        if (this.failure !== undefined) throw this.failure;
        return this.log.length;
      },
      after: async (sequence, limit) => this.log.slice(sequence, sequence + limit),
    };
    this.feed = new ChangeFeed({ acts, pollMs: 5, aliveMs: NEVER_MS, ...options });
  }

  add(count = 1): void {
    for (let added = 0; added < count; added += 1) {
      this.log.push({ sequence: this.log.length + 1, kind: 'quarantined', subject: digestSubject(contentOf('a').digest), by: 'test', at: 0 });
    }
  }
}

function brief({ position, acts }: News): readonly number[] {
  return [position, ...acts.map(({ sequence }) => sequence)];
}

async function next(watch: AsyncGenerator<News, never>): Promise<readonly number[]> {
  return brief((await watch.next()).value);
}

describe('watching the log', () => {
  test('whoever names no position is told the present one at once, and then what comes', async () => {
    const setting = new Setting();
    setting.add(2);
    const watch = setting.feed.watch(undefined, soon());
    assert.deepEqual(await next(watch), [2]);
    setting.add(2);
    assert.deepEqual(await next(watch), [4, 3, 4]);
  });

  test('whoever names a position is told at once all that came after it, in batches', async () => {
    const setting = new Setting();
    setting.add(1500);
    const watch = setting.feed.watch(100, soon());
    const [first, second] = [await next(watch), await next(watch)];
    assert.deepEqual([first[0], first.length, second[0], second.length], [1100, 1001, 1500, 401]);
    assert.deepEqual([...first.slice(1), ...second.slice(1)], Array.from({ length: 1400 }, (_, index) => index + 101));
  });

  test('a position that the log has not reached is answered with its own', async () => {
    const setting = new Setting();
    setting.add(3);
    const watch = setting.feed.watch(1000, soon());
    assert.deepEqual(await next(watch), [3]);
    setting.add();
    assert.deepEqual(await next(watch), [4, 4]);
  });

  test('an act by this process is told at once', async () => {
    const setting = new Setting({ pollMs: NEVER_MS });
    const watches = [setting.feed.watch(undefined, soon()), setting.feed.watch(undefined, soon())];
    await Promise.all(watches.map(next));
    const told = Promise.all(watches.map(next));
    setting.add();
    setting.feed.wake();
    assert.deepEqual(await told, [[1, 1], [1, 1]]);
    // Also when nobody waits for the next look yet.
    setting.add();
    setting.feed.wake();
    assert.deepEqual(await Promise.all(watches.map(next)), [[2, 2], [2, 2]]);
  });

  test('all watchers share a look, and without watchers there is none', async () => {
    const setting = new Setting({ pollMs: 20 });
    const leaving = new AbortController();
    const watches = Array.from({ length: 10 }, () => setting.feed.watch(undefined, leaving.signal));
    await Promise.all(watches.map(next));
    assert.equal(setting.looks, 10);
    const ends = watches.map((watch) => assert.rejects(next(watch), { name: 'AbortError' }));
    await eventually(() => assert.ok(setting.looks >= 13));
    assert.ok(setting.looks < 20, `${setting.looks} looks`);
    leaving.abort();
    await Promise.all(ends);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = setting.looks;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(setting.looks, before);
  });

  test('silence is broken by signs of life', async () => {
    const setting = new Setting({ aliveMs: 20 });
    const watch = setting.feed.watch(undefined, soon());
    const startedAt = performance.now();
    for (let count = 0; count < 3; count += 1) assert.deepEqual(await next(watch), [0]);
    assert.ok(performance.now() - startedAt >= 35);
  });

  test('a store that fails ends the watch, and no sign of life is given without it', async () => {
    const setting = new Setting({ aliveMs: 0 });
    const watch = setting.feed.watch(undefined, soon());
    await next(watch);
    setting.failure = new MediaError('SERVICE_UNAVAILABLE', 'The metadata store is not available');
    await assert.rejects(next(watch), because('SERVICE_UNAVAILABLE'));
    await assert.rejects(next(setting.feed.watch(undefined, soon())), because('SERVICE_UNAVAILABLE'));
  });

  test('closing sends everybody away, and whoever comes later', async () => {
    const setting = new Setting({ pollMs: NEVER_MS });
    const watch = setting.feed.watch(undefined, soon());
    await next(watch);
    const end = assert.rejects(next(watch), because('SERVICE_UNAVAILABLE'));
    setting.feed.close();
    await end;
    await assert.rejects(next(setting.feed.watch(undefined, soon())), because('SERVICE_UNAVAILABLE'));
  });
});
