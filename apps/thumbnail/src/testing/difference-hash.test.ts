import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashDistance, hashFormula, hashImage } from './difference-hash.ts';
import { paintScene, sceneBrightness } from './scene.ts';

const SIZE = { width: 180, height: 160 };

describe('the difference hash', () => {
  it('is nearly the same of a picture and of its formula, however it is coded', async () => {
    const expected = hashFormula(sceneBrightness());
    for (const encoded of [paintScene(SIZE).png(), paintScene(SIZE).jpeg({ quality: 40 }), paintScene({ width: 60, height: 300 }).webp()]) {
      assert.ok(hashDistance(await hashImage(await encoded.toBuffer()), expected) <= 4);
    }
  });

  it('is far off for a picture that is mirrored, turned, shifted, another frame or one grey', async () => {
    const expected = hashFormula(sceneBrightness());
    const shifted = paintScene(SIZE).extract({ left: 60, top: 0, width: 120, height: 160 });
    const grey = paintScene(SIZE).modulate({ brightness: 0 });
    for (const wrong of [paintScene(SIZE).flop(), paintScene(SIZE).flip(), paintScene(SIZE).rotate(180), shifted, paintScene(SIZE, false, 1), grey]) {
      assert.ok(hashDistance(await hashImage(await wrong.png().toBuffer()), expected) > 12);
    }
  });
});
