import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseThumbnailFormat, parseSide, parseThumbnailMethod, snapSpec, STANDARD_SPECS, toDerivation, type ThumbnailSpec } from './thumbnail-spec.ts';
import { parseBlobKey } from './blob-key.ts';

describe('a thumbnail spec', () => {
  it('leaves the five standard sizes as they are', () => {
    for (const spec of STANDARD_SPECS) assert.deepEqual(snapSpec(spec), spec);
  });

  it('is never snapped below what was asked, and to few sizes in all', () => {
    const made = new Set<string>();
    for (let width = 1; width <= 1600; width += 7) {
      for (let height = 1; height <= 1600; height += 13) {
        const asked: ThumbnailSpec = { width, height, method: 'scale', animated: false, format: 'common' };
        const snapped = snapSpec(asked);
        assert.ok(snapped.width >= width && snapped.height >= height, `${width}x${height} became ${snapped.width}x${snapped.height}`);
        made.add(toDerivation(snapped, 1));
      }
    }
    assert.ok(made.size <= 15 * 15, `${made.size} sizes`);
  });

  it('is cut to 1600 pixels a side', () => {
    assert.deepEqual(snapSpec({ width: 999_999_999, height: 2, method: 'crop', animated: true, format: 'webp' }), { width: 1600, height: 32, method: 'crop', animated: true, format: 'webp' });
  });

  it('names a derivation that fits a blob key', () => {
    const derivation = toDerivation({ width: 1600, height: 1600, method: 'scale', animated: true, format: 'webp' }, 12);
    assert.equal(parseBlobKey({ digest: 'a'.repeat(64), derivation }).derivation, 'thumbnail-v12-1600x1600-scale-animated-webp');
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

describe('the format of a thumbnail', () => {
  const choices: readonly (readonly [accept: string | undefined, still: string, animated: string])[] = [
    [undefined, 'common', 'common'],
    ['', 'common', 'common'],
    ['*/*', 'common', 'common'],
    ['image/*', 'common', 'common'],
    ['image/png, image/*;q=0.8, */*;q=0.5', 'common', 'common'],
    ['image/webp', 'webp', 'webp'],
    ['text/html,IMAGE/WebP ; q=0.1', 'webp', 'webp'],
    ['image/avif', 'avif', 'common'],
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'webp', 'webp'],
    ['image/avif, image/webp;q=0.9', 'avif', 'webp'],
    ['image/webp;q=0', 'common', 'common'],
    ['image/webp;q=0.000, image/avif;q=0.001', 'avif', 'common'],
    ['image/webp;q=2', 'common', 'common'],
    ['image/webp;q=', 'common', 'common'],
    ['image/webpx, ximage/webp', 'common', 'common'],
    ['image/webp;level=1;q=0.5, image/avif;q=0.4', 'webp', 'webp'],
  ];
  for (const [accept, still, animated] of choices) {
    it(`is ${still}, or ${animated} where it moves, for Accept ${JSON.stringify(accept)}`, () => {
      assert.equal(chooseThumbnailFormat(accept, false), still);
      assert.equal(chooseThumbnailFormat(accept, true), animated);
    });
  }
});

describe('a blob key', () => {
  for (const key of [{ digest: 'A'.repeat(64), derivation: '' }, { digest: 'a'.repeat(63), derivation: '' }, { digest: 'a'.repeat(64), derivation: '../x' }, { digest: 'a'.repeat(64), derivation: 'a'.repeat(65) }]) {
    it(`refuses ${JSON.stringify(key).slice(0, 100)}`, () => assert.throws(() => parseBlobKey(key), { reason: 'INVALID_PARAM' }));
  }
});
