import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MediaError } from '@medley/domain/media-error';
import type { MemoryShare } from './memory-share.ts';
import { UploadMemory } from './upload-memory.ts';

const NEVER = new AbortController().signal;
const ignore = (): void => {};

test('serves those who wait in the order they came, also when a later one would fit', async () => {
  const memory = new UploadMemory({ totalBytes: 10, waitMs: 10_000 });
  const [first, second] = [await memory.take(6, ignore, NEVER), await memory.take(4, ignore, NEVER)];
  const order: string[] = [];
  const note = (name: string) => (share: MemoryShare): MemoryShare => {
    order.push(name);
    return share;
  };
  const large = memory.take(7, ignore, NEVER).then(note('large'));
  const small = memory.take(1, ignore, NEVER).then(note('small'));
  second.release(true);
  await new Promise(setImmediate);
  assert.deepEqual(order, []);
  assert.equal(memory.takeIfFree(1, ignore), undefined, 'nobody passes those who wait');
  first.release(true);
  for (const share of await Promise.all([large, small])) share.release(true);
  assert.deepEqual(order, ['large', 'small']);
  assert.equal(memory.freeBytes, 10);
});

test('is busy when that takes too long, and goes on with those behind', async () => {
  const memory = new UploadMemory({ totalBytes: 10, waitMs: 50 });
  const held = await memory.take(8, ignore, NEVER);
  held.endGathering();
  const large = memory.take(5, ignore, NEVER);
  const small = memory.take(2, ignore, NEVER);
  await assert.rejects(large, { reason: 'BUSY', retryAfterMs: 5000 });
  (await small).release(true);
  held.release(true);
  held.release(true);
  assert.equal(memory.freeBytes, 10);
});

test('is not waited for by those who leave', async () => {
  const memory = new UploadMemory({ totalBytes: 10, waitMs: 10_000 });
  const held = await memory.take(10, ignore, NEVER);
  const abort = new AbortController();
  const left = memory.take(10, ignore, abort.signal);
  const next = memory.take(10, ignore, NEVER);
  abort.abort(new Error('left'));
  await assert.rejects(left, { message: 'left' });
  held.release(true);
  (await next).release(true);
  assert.equal(memory.freeBytes, 10);
});

test('takes the share of the slowest while somebody waits, and of nobody else', async () => {
  const memory = new UploadMemory({ totalBytes: 3, waitMs: 600 });
  const evicted: string[] = [];
  const shares = new Map<string, MemoryShare>();
  for (const name of ['fast', 'slow', 'sending']) {
    shares.set(name, await memory.take(1, (reason: MediaError) => {
      evicted.push(`${name} ${reason.reason}`);
      shares.get(name)?.release(true);
    }, NEVER));
  }
  shares.get('fast')?.addGathered(2 ** 30);
  shares.get('sending')?.endGathering();
  await sleep(400); // as long as nobody waits, slow ones may be slow
  assert.deepEqual(evicted, []);
  await memory.take(1, ignore, NEVER);
  assert.deepEqual(evicted, ['slow BUSY']);
  await assert.rejects(memory.take(1, ignore, NEVER), { reason: 'BUSY' });
  assert.deepEqual(evicted, ['slow BUSY']);
});
