import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ThumbnailMethod, ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { LONGEST_SIDE, toTargetSize, type Size } from './geometry.ts';

type Row = readonly [source: string, requested: string, method: ThumbnailMethod, actual: string];

const TABLE: readonly Row[] = [
  // crop: exactly what was asked
  ['1000x1000', '128x128', 'crop', '128x128'],
  ['4000x3000', '32x32', 'crop', '32x32'],
  ['3000x4000', '320x240', 'crop', '320x240'],
  ['96x96', '96x96', 'crop', '96x96'],
  // crop of a smaller source: the largest part of that aspect
  ['10x10', '32x32', 'crop', '10x10'],
  ['50x40', '96x96', 'crop', '40x40'],
  ['1000x50', '96x96', 'crop', '50x50'],
  ['100x100', '320x240', 'crop', '100x75'],
  ['1x1', '800x600', 'crop', '1x1'],
  ['10000x1', '96x32', 'crop', '3x1'],
  // scale: covers what was asked
  ['4000x3000', '640x480', 'scale', '640x480'],
  ['1000x500', '320x240', 'scale', '480x240'],
  ['500x1000', '320x240', 'scale', '320x640'],
  ['1001x751', '320x240', 'scale', '320x240'],
  // scale of a smaller source: as it is
  ['10x10', '320x240', 'scale', '10x10'],
  ['640x480', '640x480', 'scale', '640x480'],
  ['1000x100', '320x240', 'scale', '1000x100'],
  ['800x599', '800x600', 'scale', '800x599'],
  // scale of a panorama: no side beyond 4096
  ['12000x600', '320x240', 'scale', '4096x205'],
  ['100x20000', '32x32', 'scale', '20x4096'],
  ['32000000x1', '800x600', 'scale', '4096x1'],
  ['4097x4097', '1600x1600', 'scale', '1600x1600'],
];

describe('toTargetSize', () => {
  for (const [source, requested, method, actual] of TABLE) {
    it(`makes ${actual} of ${source} where ${method} ${requested} is asked`, () => {
      assert.deepEqual(toTargetSize(size(source), toSpec(size(requested), method)), size(actual));
    });
  }

  it('never enlarges, and never falls short of what the source can give', () => {
    forMany(({ source, requested }) => {
      for (const method of ['crop', 'scale'] as const) {
        const actual = toTargetSize(source, toSpec(requested, method));
        const text = `${method} ${JSON.stringify({ source, requested, actual })}`;
        assert.ok(actual.width >= 1 && actual.height >= 1, text);
        assert.ok(actual.width <= source.width && actual.height <= source.height, text);
        const isCut = Math.max(actual.width, actual.height) === LONGEST_SIDE;
        if (!isCut && source.width >= requested.width && source.height >= requested.height) {
          assert.ok(actual.width >= requested.width && actual.height >= requested.height, text);
        }
      }
    });
  });

  it('crops to the requested aspect, and uses one whole side of a smaller source', () => {
    forMany(({ source, requested }) => {
      const actual = toTargetSize(source, toSpec(requested, 'crop'));
      const text = JSON.stringify({ source, requested, actual });
      assert.ok(isAspect(actual, requested), text);
      const isAsAsked = actual.width === requested.width && actual.height === requested.height;
      assert.ok(isAsAsked || actual.width === source.width || actual.height === source.height, text);
    });
  });

  it('scales to the aspect of the source, no larger than it must be to cover, and no longer than the bound', () => {
    forMany(({ source, requested }) => {
      const actual = toTargetSize(source, toSpec(requested, 'scale'));
      const text = JSON.stringify({ source, requested, actual });
      assert.ok(isAspect(actual, source), text);
      assert.ok(Math.max(actual.width, actual.height) <= LONGEST_SIDE, text);
      const isSource = actual.width === source.width && actual.height === source.height;
      const isCut = Math.max(actual.width, actual.height) === LONGEST_SIDE;
      assert.ok(isCut || isSource || actual.width === requested.width || actual.height === requested.height, text);
    });
  });
});

/** Both sides are whole, so each may be half a pixel off. */
function isAspect(actual: Size, wanted: Size): boolean {
  const exact = Math.max(actual.width / wanted.width, actual.height / wanted.height);
  return Math.abs(actual.width - Math.max(1, wanted.width * exact)) <= 1 + wanted.width / wanted.height
    && Math.abs(actual.height - Math.max(1, wanted.height * exact)) <= 1 + wanted.height / wanted.width;
}

function toSpec(requested: Size, method: ThumbnailMethod): ThumbnailSpec {
  return { ...requested, method, animated: false, format: 'common' };
}

function size(text: string): Size {
  const [width = 0, height = 0] = text.split('x').map(Number);
  return { width, height };
}

function forMany(check: (sizes: { source: Size; requested: Size }) => void): void {
  const sides = [1, 2, 3, 7, 31, 32, 33, 95, 96, 97, 239, 240, 241, 320, 479, 600, 601, 799, 800, 1001, 4000, 16_383];
  const asked = [32, 96, 240, 320, 480, 600, 640, 800, 1600];
  for (const width of sides) {
    for (const height of sides) {
      for (const w of asked) for (const h of asked) check({ source: { width, height }, requested: { width: w, height: h } });
    }
  }
}
