import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import { fromBytes, splitChunks } from '@medley/streams/byte-stream';
import type { RequestBody } from '../http/parse/request-body.ts';
import { cutBody, QuotaRoom } from './quota-room.ts';

function bodyOf(sizeBytes: number, declaredBytes?: number): RequestBody {
  return { declaredBytes, maxBytes: 100, bytes: splitChunks(fromBytes(new Uint8Array(sizeBytes)), 3) };
}

async function readSize({ bytes }: RequestBody): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of bytes) sizeBytes += chunk.byteLength;
  return sizeBytes;
}

describe('a body of unknown length', () => {
  const refusal = new Error('too much');

  it('is read as far as there is room', async () => {
    const cut = cutBody(bodyOf(10), 10, () => refusal);
    assert.equal(cut.maxBytes, 10);
    assert.equal(await readSize(cut), 10);
  });

  it('is refused where it is longer', async () => {
    await assert.rejects(readSize(cutBody(bodyOf(11), 10, () => refusal)), refusal);
  });

  it('is left alone where there is room for all that it may have', () => {
    for (const body of [bodyOf(5), bodyOf(5, 5)]) assert.equal(cutBody(body, 100, () => refusal), body);
  });
});

describe('room within a quota', () => {
  async function use(work: (room: QuotaRoom) => Promise<unknown>): Promise<readonly (boolean | undefined)[]> {
    const released: (boolean | undefined)[] = [];
    try {
      await using room = new QuotaRoom(bodyOf(1), async (isUsed) => void released.push(isUsed));
      await work(room);
    } catch (error) {
      assert.ok(error instanceof MediaError);
    }
    return released;
  }
  const failing = (reason: MediaErrorReason) => (room: QuotaRoom) => room.fill(() => Promise.reject(new MediaError(reason, '')));

  it('is given back as used once the upload is recorded', async () => {
    assert.deepEqual(await use((room) => room.fill(() => Promise.resolve())), [true]);
  });

  it('is given back as unused where the body fails, or its record is refused', async () => {
    assert.deepEqual(await use(() => Promise.reject(new MediaError('UPLOAD_INCOMPLETE', ''))), [false]);
    assert.deepEqual(await use(failing('CANNOT_OVERWRITE')), [false]);
  });

  it('is given back as neither where nobody knows whether there is a record', async () => {
    for (const reason of ['TIMED_OUT', 'SERVICE_UNAVAILABLE'] as const) assert.deepEqual(await use(failing(reason)), [undefined]);
  });
});
