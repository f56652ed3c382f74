import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { MediaErrorReason } from '@medley/domain/media-error';
import sharp from 'sharp';
import { gifOfFrames, lieGif, lieJpeg, liePng, webpOfFrames } from '../testing/hostile.ts';
import { noise } from '../testing/images.ts';
import { makeOne, spec } from '../testing/thumbnails.ts';
import { restrictLoaders } from './restrict-loaders.ts';

describe('the pipeline refuses', () => {
  const source = { jpeg: Buffer.alloc(0), progressive: Buffer.alloc(0), png: Buffer.alloc(0), gif: Buffer.alloc(0), webp: Buffer.alloc(0) };

  before(async () => {
    const picture = noise(400, 300);
    source.jpeg = await picture.jpeg().toBuffer();
    source.progressive = await picture.jpeg({ progressive: true }).toBuffer();
    source.png = await picture.png().toBuffer();
    source.gif = await picture.gif().toBuffer();
    source.webp = await picture.webp().toBuffer();
    restrictLoaders();
  });

  it('images whose header promises more than the data holds', async () => {
    await refuses(lieJpeg(source.jpeg, { height: 3000 }), 'tall JPEG');
    await refuses(lieJpeg(source.jpeg, { width: 3000 }), 'wide JPEG');
    await refuses(lieJpeg(source.progressive, { height: 3000 }), 'tall progressive JPEG');
    await refuses(liePng(source.png, { height: 3000 }), 'tall PNG');
    await refuses(liePng(source.png, { width: 3000 }), 'wide PNG');
  });

  it('files that are cut off', async () => {
    for (const [name, bytes] of Object.entries(source)) {
      for (const part of [0.05, 0.5, 0.95]) await refuses(bytes.subarray(0, Math.floor(bytes.length * part)), `${name} cut at ${part}`);
    }
  });

  it('a PNG with a wrong checksum', async () => {
    const copy = Buffer.from(source.png);
    copy.writeUInt8(copy.readUInt8(copy.length >> 1) ^ 0xff, copy.length >> 1);
    await refuses(copy, 'flipped PNG');
  });

  it('text, encrypted bytes, and bytes behind a good signature', async () => {
    await refuses(Buffer.from('hello, I am called photo.jpg'), 'text');
    await refuses(randomBytes(100_000), 'encrypted');
    for (const [name, bytes] of Object.entries(source)) {
      await refuses(Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(5000, 'garbage')]), `garbage ${name}`);
    }
  });

  it('formats whose decoders must not run', async () => {
    await assert.rejects(sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).metadata());
    await assert.rejects(sharp(Buffer.from('P6 1 1 255 abc')).metadata());
    await refuses(Buffer.from('%PDF-1.7'), 'PDF');
    await refuses(Buffer.from('%!PS-Adobe-3.0 EPSF-3.0'), 'PostScript');
    await refuses(Buffer.from('push graphic-context'), 'script');
    const tiff = Buffer.from('49492a0008000000', 'hex');
    await refuses(Buffer.concat([tiff, Buffer.alloc(64)]), 'TIFF');
  });

  it('more pixels than allowed, by the header alone', async () => {
    await refuses(liePng(source.png, { width: 50_000, height: 50_000 }), 'PNG bomb', 'TOO_LARGE');
    await refuses(lieJpeg(source.jpeg, { width: 65_000, height: 65_000 }), 'JPEG bomb', 'TOO_LARGE');
    await refuses(lieGif(source.gif, { width: 65_535, height: 65_535 }), 'GIF bomb', 'TOO_LARGE');
  });

  it('more frames than allowed, by the header alone', async () => {
    await refuses(gifOfFrames(301), 'GIF of frames', 'TOO_LARGE');
    await refuses(webpOfFrames(301), 'WebP of frames', 'TOO_LARGE');
  });

  it('no photo for a mark that decoders frown at', async () => {
    const samsung = Buffer.from(source.jpeg);
    const scan = samsung.indexOf(Buffer.from([0xff, 0xda]));
    samsung.writeUInt8(0, scan + 4 + 1 + 2 * samsung.readUInt8(scan + 4) + 1); // end of the spectrum: 63 by the standard
    await makeOne(samsung, spec(32, 32));
  });
});

async function refuses(bytes: Buffer, name: string, reason: MediaErrorReason = 'CANNOT_THUMBNAIL'): Promise<void> {
  await assert.rejects(makeOne(bytes, spec(320, 240)), { name: 'MediaError', reason }, name);
}
