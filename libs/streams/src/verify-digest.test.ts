import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseDigest } from '@medley/domain/digest';
import { VerifiedBlobs } from './verified-blobs.ts';
import { verifyDigest } from './verify-digest.ts';

const CHUNKS = ['one', '', 'two', 'three', ''].map((text) => Buffer.from(text));
const DIGEST = parseDigest(createHash('sha256').update(Buffer.concat(CHUNKS)).digest('hex'));
const EMPTY = parseDigest(createHash('sha256').digest('hex'));

async function* yieldAll(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('verifyDigest', () => {
  it('passes on what the digest says, be it nothing', async () => {
    assert.equal(Buffer.concat(await Array.fromAsync(verifyDigest(yieldAll(CHUNKS), DIGEST))).toString(), 'onetwothree');
    assert.deepEqual(await Array.fromAsync(verifyDigest(yieldAll([]), EMPTY)), []);
  });

  it('fails before the last bytes of anything else', async () => {
    for (const damaged of [['one', 'two', 'threE'], ['One', 'two', 'three'], ['one', 'two'], ['one', 'two', 'three', '!'], []]) {
      const passed: string[] = [];
      await assert.rejects(async () => {
        for await (const chunk of verifyDigest(yieldAll(damaged.map((text) => Buffer.from(text))), DIGEST)) passed.push(String(chunk));
      }, { reason: 'BLOB_CORRUPT' });
      assert.deepEqual(passed, damaged.slice(0, -1));
    }
  });
});

describe('VerifiedBlobs', () => {
  it('believes a finding about the same bytes for a while', () => {
    let now = 0;
    const verified = new VerifiedBlobs(1000, () => now);
    assert.equal(verified.has(DIGEST, 'a'), false);
    verified.add(DIGEST, 'a');
    now = 999;
    assert.equal(verified.has(DIGEST, 'a'), true);
    assert.equal(verified.has(DIGEST, 'b'), false);
    assert.equal(verified.has(EMPTY, 'a'), false);
    now = 1000;
    assert.equal(verified.has(DIGEST, 'a'), false);
  });

  it('believes none where it must verify each time', () => {
    const verified = new VerifiedBlobs(0);
    verified.add(DIGEST, 'a');
    assert.equal(verified.has(DIGEST, 'a'), false);
  });
});
