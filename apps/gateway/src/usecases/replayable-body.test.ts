import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { ReplayableBody } from './replayable-body.ts';

const KIB = 1024;

/** A body of chunks of 64 KiB, each filled with its number; says when it was ended early. */
class Source {
  readCount = 0;
  isClosed = false;

  async *chunks(count: number): AsyncGenerator<Uint8Array> {
    try {
      for (let number = 0; number < count; number += 1) {
        this.readCount += 1;
        yield Buffer.alloc(64 * KIB, number);
      }
    } finally {
      this.isClosed = true;
    }
  }
}

function bodyOf(bytes: AsyncIterable<Uint8Array>): ReplayableBody {
  return new ReplayableBody({ declaredBytes: undefined, maxBytes: Number.MAX_SAFE_INTEGER, bytes });
}

async function read(body: ReplayableBody, count = Number.POSITIVE_INFINITY): Promise<number[]> {
  const numbers: number[] = [];
  for await (const chunk of body) {
    numbers.push(chunk[0] ?? -1);
    if (numbers.length === count) break;
  }
  return numbers;
}

describe('a body that may be sent again', () => {
  it('comes from its beginning again after somebody gave up early, and is read once', async () => {
    const source = new Source();
    const body = bodyOf(source.chunks(10));
    assert.deepEqual(await read(body, 4), [0, 1, 2, 3]);
    assert.ok(body.isReplayable);
    assert.deepEqual(await read(body), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual([source.readCount, body.sizeBytes], [10, 640 * KIB]);
  });

  it('does not once too much of it has gone out', async () => {
    const body = bodyOf(new Source().chunks(10));
    await read(body, 6);
    assert.equal(body.isReplayable, false);
  });

  it('gives the chunk that somebody was waiting for when he gave up to who comes next', async () => {
    const gate = Promise.withResolvers<void>();
    const body = bodyOf((async function* slow() {
      yield Buffer.from([7]);
      await gate.promise;
      yield Buffer.from([8]);
    })());
    const first = body[Symbol.asyncIterator]();
    await first.next();
    const given = first.next();
    const second = read(body);
    gate.resolve();
    await given;
    assert.deepEqual(await second, [7, 8]);
  });

  it('fails for everybody where its sender fails, and is not sent again', async () => {
    const failure = new MediaError('UPLOAD_INCOMPLETE', 'cut');
    const body = bodyOf((async function* cut() {
      yield Buffer.from([1]);
      throw failure;
    })());
    await assert.rejects(read(body), failure);
    assert.deepEqual([body.failure, body.isReplayable], [failure, false]);
  });

  it('ends its source when it is done with', async () => {
    const source = new Source();
    {
      using body = bodyOf(source.chunks(10));
      await read(body, 2);
    }
    await Promise.resolve();
    assert.ok(source.isClosed);
  });
});
