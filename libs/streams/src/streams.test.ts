import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectBytes, expectBytes, limitBytes, splitChunks, type ByteStream } from './byte-stream.ts';
import { Batcher } from './batcher.ts';
import { SingleFlight } from './single-flight.ts';
import { orAbort, TimeLimit } from './abort.ts';

async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

async function sizes(stream: ByteStream): Promise<number[]> {
  return Array.fromAsync(stream, (chunk) => chunk.byteLength);
}

describe('a byte stream', () => {
  it('passes exactly the limit', async () => assert.deepEqual(await sizes(limitBytes(chunks(3, 4), 7)), [3, 4]));

  it('fails before it yields the chunk that crosses the limit, and closes its source', async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* chunks(4, 4, 4);
      } finally {
        isClosed = true;
      }
    }
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const chunk of limitBytes(source(), 7)) seen.push(chunk.byteLength);
    }, { reason: 'TOO_LARGE' });
    assert.deepEqual(seen, [4]);
    assert.equal(isClosed, true);
  });

  for (const given of [[], [3], [3, 5]]) {
    it(`of ${given.join('+') || 'no'} bytes is not taken for 4 whole bytes`, async () => {
      await assert.rejects(sizes(expectBytes(chunks(...given), 4)), { reason: 'BLOB_CORRUPT' });
    });
  }

  it('of more bytes than there must be yields none beyond them', async () => {
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const chunk of expectBytes(chunks(3, 3), 4)) seen.push(chunk.byteLength);
    }, { reason: 'BLOB_CORRUPT' });
    assert.deepEqual(seen, [3]);
  });

  it('is collected up to a limit', async () => {
    assert.equal((await collectBytes(chunks(3, 4), 7)).byteLength, 7);
    await assert.rejects(collectBytes(chunks(3, 4), 6), { reason: 'TOO_LARGE' });
  });

  it('is cut into chunks of a size', async () => assert.deepEqual(await sizes(splitChunks(chunks(5, 2, 0, 4), 2)), [2, 2, 1, 2, 2, 2]));
});

describe('a batcher', () => {
  it('asks once for all keys of one turn, and once for a key asked twice', async () => {
    const asked: (readonly number[])[] = [];
    const batcher = new Batcher<number, string>(10, async (keys) => {
      asked.push(keys);
      return keys.map((key) => `#${key}`);
    });
    const answers = await Promise.all([1, 2, 1, 3].map((key) => batcher.get(String(key), key)));
    assert.deepEqual(answers, ['#1', '#2', '#1', '#3']);
    assert.deepEqual(asked, [[1, 2, 3]]);
  });

  it('never asks for more keys at once than allowed', async () => {
    const counts: number[] = [];
    const batcher = new Batcher<number, number>(4, async (keys) => {
      counts.push(keys.length);
      return keys;
    });
    await Promise.all(Array.from({ length: 10 }, (_, key) => batcher.get(String(key), key)));
    assert.deepEqual(counts, [4, 4, 2]);
  });

  it('fails every key of a failed call, and asks anew afterwards', async () => {
    let isBroken = true;
    const batcher = new Batcher<number, number>(10, async (keys) => {
      if (isBroken) throw new Error('down');
      return keys;
    });
    const both = await Promise.allSettled([batcher.get('1', 1), batcher.get('2', 2)]);
    assert.deepEqual(both.map(({ status }) => status), ['rejected', 'rejected']);
    isBroken = false;
    assert.equal(await batcher.get('1', 1), 1);
  });
});

describe('single flight', () => {
  it('shares the run under way, and starts anew after it has ended or failed', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const work = async (): Promise<number> => ++runs;
    assert.deepEqual(await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]), [1, 1, 2]);
    await assert.rejects(flights.run('a', () => Promise.reject(new Error('no'))));
    assert.equal(await flights.run('a', work), 3);
  });
});

describe('orAbort', () => {
  it('rejects with the reason as soon as the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = orAbort(new Promise(() => {}), controller.signal);
    controller.abort(new Error('left'));
    await assert.rejects(waiting, { message: 'left' });
    await assert.rejects(orAbort(Promise.resolve(1), controller.signal), { message: 'left' });
  });
});

describe('TimeLimit', () => {
  it('aborts with a TimeoutError once the time has passed', async () => {
    using limit = new TimeLimit(1);
    // The limit itself keeps no process alive.
    await Promise.all([once(limit.signal, 'abort'), sleep(100)]);
    assert.ok(limit.hasPassed);
    assert.equal((limit.signal.reason as Error).name, 'TimeoutError');
  });

  it('never aborts once it is disposed of', async () => {
    const limit = new TimeLimit(1);
    limit[Symbol.dispose]();
    await sleep(10); // ten times what it would have taken
    assert.equal(limit.hasPassed, false);
  });

  it('takes a time that no timer can', () => {
    using limit = new TimeLimit(Number.MAX_SAFE_INTEGER);
    assert.equal(limit.hasPassed, false);
  });
});
