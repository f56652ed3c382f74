import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toCountText, toSizeText } from './quantities.ts';
import { toSnakeCase } from './snake-case.ts';

it('sizes and counts read as people write them', () => {
  const sizes = [0, 1, 1023, 1024, 1536, 5 * 2 ** 20, 1.25 * 2 ** 40].map(toSizeText);
  assert.deepEqual(sizes, ['0 B', '1 B', '1023 B', '1 KiB', '1.5 KiB', '5 MiB', '1.3 TiB']);
  assert.deepEqual([toCountText(1, 'blob'), toCountText(0, 'blob')], ['1 blob', '0 blobs']);
});

it('keys become snake case at every depth, values stay', () => {
  assert.deepEqual(toSnakeCase({ freedBytes: 1, counts: { 'wrong-size': 2 }, findings: [{ mediaCount: 3, kind: 'wrong-size' }] }), {
    freed_bytes: 1, counts: { wrong_size: 2 }, findings: [{ media_count: 3, kind: 'wrong-size' }],
  });
});
