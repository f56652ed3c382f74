import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import { VerifiedBlobs } from '@medley/streams/verified-blobs';
import type { Meter } from '@medley/telemetry/metrics';
import { quietTelemetry } from '@medley/testing/telemetry';
import { BlobVerifier, SMALL_BLOB_BYTES } from './blob-verifier.ts';
import { chunksOf, sha256 } from './ports/blob-store.fixture.ts';

/** A verifier of the common store, one of another, and how many corrupt blobs they have counted. */
function openVerifier(againAfterMs: number) {
  const counted: [name: string, value: number][] = [];
  const { log } = quietTelemetry();
  const createCounter = (name: string) => ({ add: (value: number) => void counted.push([name, value]) });
  const meter = { createCounter } as unknown as Meter; // the part of it that is used
  const tools = { verified: new VerifiedBlobs(againAfterMs), log, meter };
  const other = new BlobVerifier({ ...tools, store: parseStoreName('other.example') });
  return { verifier: new BlobVerifier({ ...tools, store: COMMON_STORE }), other, counted };
}

const pass = (verifier: BlobVerifier, bytes: Uint8Array, digest = sha256(bytes), stamp = 'a') =>
  Array.fromAsync(verifier.pass(chunksOf(bytes), { digest, sizeBytes: bytes.byteLength, stamp }));

test('counts every read of a blob that is not what its digest says', async () => {
  const { verifier, counted } = openVerifier(60_000);
  const digest = sha256(randomBytes(10));
  await assert.rejects(pass(verifier, randomBytes(10), digest), { reason: 'BLOB_CORRUPT' });
  await verifier.examine(chunksOf(randomBytes(10)), { digest, sizeBytes: 10, stamp: 'a' });
  assert.deepEqual(counted, [['medley.storage.corrupt_blobs', 1], ['medley.storage.corrupt_blobs', 1]]);
});

test('believes a large blob that it has seen whole until its stamp changes', async () => {
  const { verifier } = openVerifier(60_000);
  const bytes = randomBytes(SMALL_BLOB_BYTES + 1);
  const other = randomBytes(SMALL_BLOB_BYTES + 1);
  await pass(verifier, bytes);
  assert.ok(Buffer.concat(await pass(verifier, other, sha256(bytes), 'a')).equals(other));
  await assert.rejects(pass(verifier, other, sha256(bytes), 'b'), { reason: 'BLOB_CORRUPT' });
});

test('believes nothing of one store because of what it has seen in another', async () => {
  const { verifier, other } = openVerifier(60_000);
  const bytes = randomBytes(SMALL_BLOB_BYTES + 1);
  await pass(verifier, bytes);
  await assert.rejects(pass(other, randomBytes(bytes.byteLength), sha256(bytes)), { reason: 'BLOB_CORRUPT' });
  await pass(other, bytes);
  await pass(verifier, bytes);
});

test('verifies a small blob every time: it goes into memories that keep it', async () => {
  const { verifier } = openVerifier(60_000);
  const bytes = randomBytes(SMALL_BLOB_BYTES);
  await pass(verifier, bytes);
  await assert.rejects(pass(verifier, randomBytes(SMALL_BLOB_BYTES), sha256(bytes)), { reason: 'BLOB_CORRUPT' });
});

test('believes what it has examined', async () => {
  const { verifier } = openVerifier(60_000);
  const bytes = randomBytes(SMALL_BLOB_BYTES + 1);
  const found = { digest: sha256(bytes), sizeBytes: bytes.byteLength, stamp: 'a' };
  assert.deepEqual(await verifier.examine(chunksOf(bytes), found), { digest: found.digest, sizeBytes: found.sizeBytes });
  assert.equal((await pass(verifier, randomBytes(bytes.byteLength), found.digest)).length > 0, true);
});
