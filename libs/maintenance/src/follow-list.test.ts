import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { followList, type ListReader } from './follow-list.ts';

/** The numbers up to 9, in streams that end like that one after the other; the last ends well. */
function brokenList(ends: readonly { readonly after: number; readonly reason: MediaErrorReason }[]): ListReader<number, number> & { opened: number } {
  return {
    opened: 0,
    positionOf: (item) => item,
    async *open(after = 0) {
      const end = ends[this.opened];
      this.opened += 1;
      for (let item = after + 1; item <= 9; item += 1) {
        if (end !== undefined && item - after > end.after) throw new MediaError(end.reason, 'broken');
        yield item;
      }
    },
  };
}

describe('followList', () => {
  it('goes on where a stream broke off or took too long', async () => {
    const list = brokenList([{ after: 3, reason: 'SERVICE_UNAVAILABLE' }, { after: 1, reason: 'TIMED_OUT' }]);
    assert.deepEqual(await Array.fromAsync(followList(list)), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(list.opened, 3);
  });

  it('begins where it is told', async () => {
    assert.deepEqual(await Array.fromAsync(followList(brokenList([]), 7)), [8, 9]);
  });

  it('fails when a stream gives nothing at all, or fails for another reason', async () => {
    await assert.rejects(Array.fromAsync(followList(brokenList([{ after: 2, reason: 'TIMED_OUT' }, { after: 0, reason: 'TIMED_OUT' }]))), { reason: 'TIMED_OUT' });
    await assert.rejects(Array.fromAsync(followList(brokenList([{ after: 2, reason: 'INTERNAL' }]))), { reason: 'INTERNAL' });
  });
});
