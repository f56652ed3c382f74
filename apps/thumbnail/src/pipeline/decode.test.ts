import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { BLUE, GREEN, isNear, plain, RED } from '../testing/images.ts';
import { LIMITS } from '../testing/thumbnails.ts';
import { decodeAnimation, type Animation } from './decode.ts';
import { openImage } from './open-image.ts';
import { readHeader } from './read-header.ts';

const SIZE = { width: 20, height: 10 };

describe('decodeAnimation', () => {
  const files = { gif: Buffer.alloc(0), webp: Buffer.alloc(0) };

  before(async () => {
    const frames = await Promise.all([RED, GREEN, BLUE].map((colour) => plain(200, 100, colour).png().toBuffer()));
    const animation = sharp(frames, { join: { animated: true } });
    files.gif = await animation.clone().gif({ delay: [100, 200, 300], loop: 3 }).toBuffer();
    files.webp = await animation.clone().webp({ delay: [100, 200, 300], loop: 3, lossless: true }).toBuffer();
  });

  for (const format of ['gif', 'webp'] as const) {
    it(`reads every frame of a ${format}, with delays and loops`, async () => {
      const { data, width, height, channels, delaysMs, loop } = (await read(files[format])) ?? assert.fail('it is still');
      assert.deepEqual({ width, height, delaysMs, loop }, { ...SIZE, delaysMs: [100, 200, 300], loop: 3 });
      [RED, GREEN, BLUE].forEach((colour, frame) => {
        const [red = -1, green = -1, blue = -1] = data.subarray(frame * width * height * channels);
        assert.ok(isNear([red, green, blue], colour, 20), `frame ${frame} is ${red} ${green} ${blue}`); // GIF dithers.
      });
    });
  }

  it('takes for still what would not fit into memory', async () => {
    assert.equal(await read(files.gif, 20 * 10 * 4 * 3 * 2 - 1), undefined);
    assert.notEqual(await read(files.gif, 20 * 10 * 4 * 3 * 2), undefined);
  });

  it('takes for still what has one frame', async () => {
    assert.equal(await read(await plain(200, 100, RED).gif().toBuffer()), undefined);
    assert.equal(await read(await plain(200, 100, RED).png().toBuffer()), undefined);
  });

  it('refuses an animation that is cut off', async () => {
    await assert.rejects(read(files.webp.subarray(0, -30)), { reason: 'CANNOT_THUMBNAIL' });
  });
});

async function read(bytes: Buffer, maxMemoryBytes = LIMITS.maxMemoryBytes): Promise<Animation | undefined> {
  return decodeAnimation(await openImage(bytes, readHeader(bytes, 300)), SIZE, 'scale', maxMemoryBytes);
}
