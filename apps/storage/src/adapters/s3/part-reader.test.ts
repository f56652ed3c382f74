import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { BlobHasher } from '../../blob-hasher.ts';
import { readParts } from './part-reader.ts';

const PART_BYTES = 100_000;

async function partsOf(bytes: Uint8Array, chunkBytes: number) {
  async function* source() {
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const parts: { bytes: Buffer; md5: string; isLast: boolean }[] = [];
  for await (const part of readParts(source(), PART_BYTES, new BlobHasher())) parts.push({ ...part, bytes: Buffer.from(part.bytes) });
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

test('leaves a part alone while the next one fills', async () => {
  const bytes = randomBytes(3 * PART_BYTES);
  async function* source() {
    yield bytes;
  }
  const parts = readParts(source(), PART_BYTES, new BlobHasher());
  const first = await parts.next();
  await parts.next();
  assert.ok(first.value !== undefined && bytes.subarray(0, PART_BYTES).equals(first.value.bytes));
});
