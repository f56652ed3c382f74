import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlobKey } from '@medley/domain/blob-key';
import { parseBlobPath, toBlobPath } from './blob-path.ts';

const DIGEST = `abcd${'0'.repeat(60)}`;

test('lays originals out by their digest and derived blobs by that of their source', () => {
  assert.equal(toBlobPath(parseBlobKey({ digest: DIGEST, derivation: '' })), `blobs/ab/cd/${DIGEST}`);
  assert.equal(toBlobPath(parseBlobKey({ digest: DIGEST, derivation: 'thumb-1' })), `derived/ab/${DIGEST}/thumb-1`);
});

test('reads back every path it wrote', () => {
  for (const derivation of ['', 'thumb-1']) {
    const key = parseBlobKey({ digest: DIGEST, derivation });
    assert.deepEqual(parseBlobPath(toBlobPath(key)), key);
  }
});

test('takes nothing else for a blob', () => {
  const others = [
    '', 'blobs', `blobs/ab/ce/${DIGEST}`, `blobs/ab/cd/${DIGEST}/x`, `blobs/ab/cd/${DIGEST.toUpperCase()}`, `x/blobs/ab/cd/${DIGEST}`,
    `derived/ab/${DIGEST}`, `derived/ab/${DIGEST}/`, `derived/ab/${DIGEST}/UPPER`, `derived/ac/${DIGEST}/x`, `derived/ab/${DIGEST}/../x`,
    `staging/${DIGEST}`, `blobs/ab/cd/${DIGEST}\n`,
  ];
  for (const path of others) assert.equal(parseBlobPath(path), undefined, path);
});
