import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { BLUE, GREEN, isNear, noise, plain, quarters, readCorners, RED, YELLOW, type Corners } from '../testing/images.ts';
import { LIMITS, makeOne, spec, standardFrom } from '../testing/thumbnails.ts';
import { makeThumbnails } from './make-thumbnails.ts';
import { restrictLoaders } from './restrict-loaders.ts';

/** What the corners red, green, blue, yellow look like under each EXIF orientation. */
const ORIENTED: readonly Corners[] = [
  [RED, GREEN, BLUE, YELLOW],
  [GREEN, RED, YELLOW, BLUE],
  [YELLOW, BLUE, GREEN, RED],
  [BLUE, YELLOW, RED, GREEN],
  [RED, BLUE, GREEN, YELLOW],
  [BLUE, RED, YELLOW, GREEN],
  [YELLOW, GREEN, BLUE, RED],
  [GREEN, YELLOW, RED, BLUE],
];

describe('makeThumbnails', () => {
  before(restrictLoaders);

  ORIENTED.forEach((corners, index) => {
    const orientation = index + 1;
    it(`turns an image of EXIF orientation ${orientation} upright before it measures it`, async () => {
      const picture = quarters(1600, 800).withMetadata({ orientation });
      const isTurned = orientation > 4;
      for (const source of [await picture.jpeg().toBuffer(), await picture.png().toBuffer(), await picture.webp({ lossless: true }).toBuffer()]) {
        const scaled = await makeOne(source, spec(200, 200));
        await assertSize(scaled, isTurned ? [200, 400] : [400, 200]);
        await assertCorners(scaled, corners);
        const cropped = await makeOne(source, spec(128, 64, 'crop'));
        await assertSize(cropped, [128, 64]);
        await assertCorners(cropped, corners);
        for await (const one of makeThumbnails(source, standardFrom(96), LIMITS)) await assertCorners(one, corners);
      }
    });
  });

  it('keeps PNG and what shines through as PNG, and makes JPEG of the rest', async () => {
    const opaque = plain(300, 200, RED);
    const clear = plain(300, 200, RED, 0.5);
    assert.equal(await formatOf(await opaque.png().toBuffer()), 'png');
    assert.equal(await formatOf(await clear.png().toBuffer()), 'png');
    assert.equal(await formatOf(await clear.webp().toBuffer()), 'png');
    assert.equal(await formatOf(await plain(300, 200, RED, 0).gif().toBuffer()), 'png');
    assert.equal(await formatOf(await opaque.jpeg().toBuffer()), 'jpeg');
    assert.equal(await formatOf(await opaque.webp().toBuffer()), 'jpeg');
    assert.equal(await formatOf(await opaque.gif().toBuffer()), 'jpeg');
  });

  it('keeps alpha', async () => {
    const thumbnail = await makeOne(await plain(300, 200, BLUE, 0.5).png().toBuffer(), spec(96, 96, 'crop'));
    const { data, info } = await sharp(thumbnail).raw().toBuffer({ resolveWithObject: true });
    assert.equal(info.channels, 4);
    assert.deepEqual([...data.subarray(0, 4)], [...BLUE, 128]);
  });

  it('makes sRGB of every way to write colours', async () => {
    const picture = quarters(400, 400);
    const sources: Readonly<Record<string, Sharp>> = {
      palette: picture.clone().png({ palette: true, colours: 16, dither: 0 }),
      '16 bits': picture.clone().toColourspace('rgb16').png(),
      'CMYK JPEG': picture.clone().toColourspace('cmyk').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
      interlaced: picture.clone().png({ progressive: true }),
      'progressive JPEG': picture.clone().jpeg({ progressive: true }),
    };
    for (const [name, source] of Object.entries(sources)) {
      const thumbnail = await makeOne(await source.toBuffer(), spec(128, 128));
      // CMYK holds no pure green and blue, so its colours come back only nearly.
      await assertCorners(thumbnail, ORIENTED[0], name.startsWith('CMYK') ? 130 : 12);
      assert.equal((await sharp(thumbnail).metadata()).space, 'srgb', name);
    }
  });

  it('converts a wide gamut to sRGB and drops the profile', async () => {
    const wide = await plain(300, 300, RED).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    assert.ok((stored[0] ?? 255) < 240, 'the source must not hold sRGB values');
    await assertCorners(await makeOne(wide, spec(96, 96)), [RED, RED, RED, RED], 4);
  });

  it('makes black and white of one bit and of grey', async () => {
    const white = plain(64, 64, [255, 255, 255]).flatten();
    const oneBit = await white.clone().png({ palette: true, colours: 2 }).toBuffer();
    const grey = await white.clone().greyscale().jpeg().toBuffer();
    for (const source of [oneBit, grey]) {
      assert.deepEqual(await readCorners(await makeOne(source, spec(32, 32))), Array.from({ length: 4 }, () => [255, 255, 255]));
    }
  });

  it('leaves no metadata: no GPS, no profile, no XMP', async () => {
    const exif = { IFD0: { Artist: 'SECRET' }, IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } };
    const picture = quarters(900, 700).withExif(exif).withIccProfile('p3').withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">SECRET</x:xmpmeta>');
    for (const source of [await picture.clone().jpeg().toBuffer(), await picture.clone().png().toBuffer(), await picture.clone().webp().toBuffer()]) {
      assert.ok(source.includes('SECRET'), 'the source must hold what is to be dropped');
      const thumbnails = await Array.fromAsync(makeThumbnails(source, standardFrom(320), LIMITS));
      for (const thumbnail of [...thumbnails, await makeOne(source, spec(1600, 1600))]) {
        const { exif: kept, icc, xmp, iptc, orientation, comments } = await sharp(thumbnail).metadata();
        assert.deepEqual({ kept, icc, xmp, iptc, orientation, comments }, { kept: undefined, icc: undefined, xmp: undefined, iptc: undefined, orientation: undefined, comments: undefined });
        assert.ok(!thumbnail.includes('SECRET'));
      }
    }
  });

  it('makes a still of the first frame of an animation', async () => {
    const frames = await Promise.all([RED, BLUE].map((colour) => plain(80, 60, colour).png().toBuffer()));
    const animation = sharp(frames, { join: { animated: true } });
    for (const source of [await animation.clone().gif().toBuffer(), await animation.clone().webp().toBuffer()]) {
      const thumbnail = await makeOne(source, spec(32, 32, 'crop'));
      assert.equal((await sharp(thumbnail).metadata()).pages, undefined);
      await assertCorners(thumbnail, [RED, RED, RED, RED]);
    }
  });

  it('never enlarges', async () => {
    const source = await quarters(10, 10).png().toBuffer();
    await assertSize(await makeOne(source, spec(320, 240)), [10, 10]);
    await assertSize(await makeOne(source, spec(32, 32, 'crop')), [10, 10]);
  });

  it('makes all five standard sizes at once of a source that covers the largest, the asked one first', async () => {
    const source = await quarters(1600, 900).jpeg().toBuffer();
    const thumbnails = await Array.fromAsync(makeThumbnails(source, standardFrom(320), LIMITS));
    const sizes = await Promise.all(thumbnails.map(sizeOf));
    assert.deepEqual(sizes, [[427, 240], [32, 32], [96, 96], [853, 480], [1067, 600]]);
    for (const thumbnail of thumbnails) await assertCorners(thumbnail, ORIENTED[0]);
  });

  it('makes only the asked one of a smaller source', async () => {
    const source = await quarters(800, 599).jpeg().toBuffer();
    const thumbnails = await Array.fromAsync(makeThumbnails(source, standardFrom(96), LIMITS));
    assert.deepEqual(await Promise.all(thumbnails.map(sizeOf)), [[96, 96]]);
  });

  it('makes the same bytes each time, whichever of the five was asked', async () => {
    const source = await noise(1300, 1000).jpeg().toBuffer();
    const ofFirst = await Array.fromAsync(makeThumbnails(source, standardFrom(32), LIMITS));
    const ofLast = await Array.fromAsync(makeThumbnails(source, standardFrom(800), LIMITS));
    assert.deepEqual(ofLast.map(String).toSorted(), ofFirst.map(String).toSorted());
    assert.ok((await makeOne(source, spec(640, 640))).equals(await makeOne(source, spec(640, 640))));
  });
});

async function formatOf(source: Buffer): Promise<string> {
  return (await sharp(await makeOne(source, spec(32, 32))).metadata()).format;
}

async function sizeOf(encoded: Buffer): Promise<[number, number]> {
  const { width, height } = await sharp(encoded).metadata();
  return [width, height];
}

async function assertSize(encoded: Buffer, expected: [number, number]): Promise<void> {
  assert.deepEqual(await sizeOf(encoded), expected);
}

async function assertCorners(encoded: Buffer, expected: Corners | undefined, tolerance?: number): Promise<void> {
  const actual = await readCorners(encoded);
  assert.ok(actual.every((colour, at) => isNear(colour, expected?.[at] ?? RED, tolerance)), `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}
