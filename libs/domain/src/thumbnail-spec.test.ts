import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSide, parseThumbnailMethod, snapSpec, STANDARD_SPECS, toDerivation, type ThumbnailSpec } from './thumbnail-spec.ts';
import { parseBlobKey } from './blob-key.ts';

describe('a thumbnail spec', () => {
  it('leaves the five standard sizes as they are', () => {
    for (const spec of STANDARD_SPECS) assert.deepEqual(snapSpec(spec), spec);
  });

  it('is never snapped below what was asked, and to few sizes in all', () => {
    const made = new Set<string>();
    for (let width = 1; width <= 1600; width += 7) {
      for (let height = 1; height <= 1600; height += 13) {
        const asked: ThumbnailSpec = { width, height, method: 'scale', animated: false };
        const snapped = snapSpec(asked);
        assert.ok(snapped.width >= width && snapped.height >= height, `${width}x${height} became ${snapped.width}x${snapped.height}`);
        made.add(toDerivation(snapped, 1));
      }
    }
    assert.ok(made.size <= 15 * 15, `${made.size} sizes`);
  });

  it('is cut to 1600 pixels a side', () => {
    assert.deepEqual(snapSpec({ width: 999_999_999, height: 2, method: 'crop', animated: true }), { width: 1600, height: 32, method: 'crop', animated: true });
  });

  it('names a derivation that fits a blob key', () => {
    const derivation = toDerivation({ width: 1600, height: 1600, method: 'scale', animated: true }, 12);
    assert.equal(parseBlobKey({ digest: 'a'.repeat(64), derivation }).derivation, 'thumbnail-v12-1600x1600-scale-animated');
  });

  for (const side of ['0', '-1', '1.5', '1e3', ' 5', '', 'abc', '9'.repeat(20)]) {
    it(`refuses a side of ${JSON.stringify(side)}`, () => assert.throws(() => parseSide('width', side), { reason: 'INVALID_PARAM' }));
  }
  it('scales unless told to crop', () => {
    assert.equal(parseThumbnailMethod(undefined), 'scale');
    assert.equal(parseThumbnailMethod('crop'), 'crop');
    assert.throws(() => parseThumbnailMethod('Crop'), { reason: 'INVALID_PARAM' });
  });
});

describe('a blob key', () => {
  for (const key of [{ digest: 'A'.repeat(64), derivation: '' }, { digest: 'a'.repeat(63), derivation: '' }, { digest: 'a'.repeat(64), derivation: '../x' }, { digest: 'a'.repeat(64), derivation: 'a'.repeat(65) }]) {
    it(`refuses ${JSON.stringify(key).slice(0, 100)}`, () => assert.throws(() => parseBlobKey(key), { reason: 'INVALID_PARAM' }));
  }
});
