import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { BlobHasher } from '../../blob-hasher.ts';
import { readParts } from './part-reader.ts';
import { UploadMemory } from './upload-memory.ts';
import { UploadShares } from './upload-shares.ts';

const PART_BYTES = 100_000;

const options = (memory: UploadMemory, maxBytes = 2 ** 30) => ({
  partBytes: PART_BYTES,
  maxBytes,
  hasher: new BlobHasher(),
  shares: new UploadShares(memory, new AbortController().signal),
});

async function partsOf(bytes: Uint8Array, chunkBytes: number) {
  async function* source() {
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const parts: { bytes: Buffer; md5: string; isLast: boolean }[] = [];
  for await (const part of readParts(source(), options(new UploadMemory({ totalBytes: PART_BYTES, waitMs: 1000 })))) {
    parts.push({ ...part, bytes: Buffer.concat(part.blocks) });
    part.release(true);
  }
  return parts;
}

for (const size of [0, 1, 99_999, 100_000, 100_001, 200_000, 350_000]) {
  for (const chunkBytes of [7777, 100_000, 1_000_000]) {
    test(`cuts ${size} bytes that come in chunks of ${chunkBytes} into whole parts and a rest`, async () => {
      const bytes = randomBytes(size);
      const parts = await partsOf(bytes, chunkBytes);
      assert.ok(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes));
      assert.equal(parts.length, Math.max(1, Math.ceil(size / PART_BYTES)));
      assert.deepEqual(parts.map(({ isLast }) => isLast), parts.map((_, index) => index === parts.length - 1));
      for (const part of parts) assert.equal(part.md5, createHash('md5').update(part.bytes).digest('base64'));
    });
  }
}

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('leaves a part alone while the next one fills', async () => {
  const bytes = randomBytes(3 * PART_BYTES);
  const parts = readParts(bytesOf(bytes), options(new UploadMemory({ totalBytes: 2 * PART_BYTES, waitMs: 1000 })));
  const first = await parts.next();
  await parts.next();
  assert.ok(first.value !== undefined && bytes.subarray(0, PART_BYTES).equals(Buffer.concat(first.value.blocks)));
});

test('gathers the next part only when the one before is released, where there is memory for one', async () => {
  const memory = new UploadMemory({ totalBytes: PART_BYTES, waitMs: 10_000 });
  const parts = readParts(bytesOf(randomBytes(2 * PART_BYTES)), options(memory));
  const first = await parts.next();
  let isThere = false;
  const second = parts.next().then((next) => {
    isThere = true;
    return next;
  });
  await new Promise(setImmediate);
  assert.equal(isThere, false);
  first.value?.release(true);
  (await second).value?.release(true);
  assert.equal(memory.freeBytes, PART_BYTES);
});

test('takes no memory for a small body, and no more than a body can be', async () => {
  const memory = new UploadMemory({ totalBytes: PART_BYTES, waitMs: 1000 });
  const small = await readParts(bytesOf(randomBytes(64 * 1024)), options(memory)).next();
  assert.equal(memory.freeBytes, PART_BYTES);
  assert.equal(small.value?.isLast, true);
  await readParts(bytesOf(randomBytes(70_000)), options(memory, 70_000)).next();
  assert.equal(memory.freeBytes, PART_BYTES - 70_000);
});

test('gives its memory back when its source fails, and when it is left', async () => {
  const memory = new UploadMemory({ totalBytes: 2 * PART_BYTES, waitMs: 1000 });
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield randomBytes(PART_BYTES);
    throw new Error('the source broke');
  }
  await assert.rejects(readParts(failing(), options(memory)).next(), { message: 'the source broke' });
  for await (const part of readParts(bytesOf(randomBytes(3 * PART_BYTES)), options(memory))) {
    part.release(true);
    break;
  }
  assert.equal(memory.freeBytes, 2 * PART_BYTES);
});
