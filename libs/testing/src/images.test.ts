import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ANIMATED_GIF, ANIMATED_WEBP, SIDEWAYS_JPEG, STILL_GIF, STILL_WEBP } from './image-fixtures.ts';
import { readImageFacts } from './image-size.ts';
import { paintPng, paintTransparentPng } from './images.ts';
import { decodePng, encodeLyingPng } from './png.ts';

it('reads type, size and animation of every fixture', () => {
  const size = { width: 64, height: 48 };
  assert.deepEqual(readImageFacts(SIDEWAYS_JPEG), { type: 'image/jpeg', ...size, animated: false });
  assert.deepEqual(readImageFacts(STILL_GIF), { type: 'image/gif', ...size, animated: false });
  assert.deepEqual(readImageFacts(ANIMATED_GIF), { type: 'image/gif', ...size, animated: true });
  assert.deepEqual(readImageFacts(STILL_WEBP), { type: 'image/webp', ...size, animated: false });
  assert.deepEqual(readImageFacts(ANIMATED_WEBP), { type: 'image/webp', ...size, animated: true });
});

it('decodes the PNG that it encoded', () => {
  const bitmap = decodePng(paintPng(10, 4));
  assert.deepEqual([bitmap.width, bitmap.height, bitmap.channels], [10, 4, 3]);
  assert.deepEqual([...bitmap.data.subarray(0, 3)], [255, 0, 0]);
  assert.equal(decodePng(paintTransparentPng(10, 4)).data[3], 0);
});

it('refuses to decode a PNG that holds fewer rows than it says', () => {
  assert.throws(() => decodePng(encodeLyingPng(100, 100, 3)), /another number of rows/);
});
