import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import sharp from 'sharp';
import { bmp } from '../testing/bitmaps.ts';
import { gifOfFrames, jpegOfScans, lieGif, webpOfFrames } from '../testing/hostile.ts';
import { BLUE, noise, plain, RED } from '../testing/images.ts';
import { readHeader, type ImageHeader } from './read-header.ts';

const MAX_FRAMES = 300;

describe('readHeader', () => {
  const files = new Map<string, Buffer>();

  before(async () => {
    const picture = noise(120, 70);
    files.set('jpeg', await picture.jpeg().toBuffer());
    files.set('progressive jpeg', await picture.jpeg({ progressive: true }).toBuffer());
    files.set('jpeg with metadata', await picture.withIccProfile('p3').withExif({ IFD0: { Copyright: 'x'.repeat(5000) } }).jpeg().toBuffer());
    files.set('png', await picture.png().toBuffer());
    files.set('gif', await picture.gif().toBuffer());
    files.set('webp', await picture.webp().toBuffer());
    files.set('lossless webp', await picture.webp({ lossless: true }).toBuffer());
    files.set('webp with metadata', await picture.withIccProfile('p3').webp().toBuffer());
    files.set('webp with alpha', await plain(120, 70, RED, 0.5).webp().toBuffer());
    files.set('avif', await picture.avif({ effort: 0 }).toBuffer());
    files.set('avif with alpha', await plain(120, 70, RED, 0.5).avif({ effort: 0 }).toBuffer());
    files.set('tiff', await picture.tiff().toBuffer());
    files.set('tiff in tiles', await picture.tiff({ tile: true, compression: 'lzw' }).toBuffer());
    files.set('bmp', bmp({ width: 120, height: 70, bits: 24 }));
    files.set('bmp from the top', bmp({ width: 120, height: -70, bits: 32 }));
  });

  it('reads the format and the size of every kind of file', () => {
    for (const [name, bytes] of files) {
      const format = ['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff', 'bmp'].find((one) => name.includes(one));
      assert.deepEqual(measure(bytes), { format, width: 120, height: 70, frames: 1 }, name);
    }
  });

  it('counts the frames of animations', async () => {
    const frames = [await plain(20, 10, RED).png().toBuffer(), await plain(20, 10, BLUE).png().toBuffer()];
    const animation = sharp(frames, { join: { animated: true } });
    assert.deepEqual(measure(await animation.gif().toBuffer()), { format: 'gif', width: 20, height: 10, frames: 2 });
    assert.deepEqual(measure(await animation.webp().toBuffer()), { format: 'webp', width: 20, height: 10, frames: 2 });
    const animatedPng = insertPngChunk(get('png'), 'acTL', Buffer.from([0, 0, 0, 7, 0, 0, 0, 0]));
    assert.equal(readHeader(animatedPng, MAX_FRAMES).frames, 7);
  });

  it('stops counting one beyond the limit', () => {
    assert.equal(readHeader(gifOfFrames(100_000), MAX_FRAMES).frames, MAX_FRAMES + 1);
    assert.equal(readHeader(webpOfFrames(100_000), MAX_FRAMES).frames, MAX_FRAMES + 1);
    assert.equal(readHeader(webpOfFrames(3), MAX_FRAMES).frames, 3);
  });

  it('takes the screen of a GIF at its word, and adds what a frame reaches over it', () => {
    const gif = get('gif');
    assert.equal(readHeader(lieGif(gif, { width: 65_535, height: 65_535 }), MAX_FRAMES).width, 65_535);
    assert.deepEqual(measure(lieGif(gif, { width: 5, height: 5 })), { format: 'gif', width: 120, height: 70, frames: 1 });
  });

  it('counts the scans of a progressive JPEG, and one of any other', () => {
    assert.equal(readHeader(get('jpeg'), MAX_FRAMES).scans, 1);
    assert.equal(readHeader(get('progressive jpeg'), MAX_FRAMES).scans, 10);
    assert.equal(readHeader(jpegOfScans(get('progressive jpeg'), 5000), MAX_FRAMES).scans, 5010);
    assert.equal(readHeader(Buffer.concat([get('progressive jpeg'), Buffer.alloc(5000, Buffer.from([0xff, 0xda]))]), MAX_FRAMES).scans, 10);
  });

  it('estimates more memory for what the decoder must hold whole', async () => {
    const memory = (bytes: Buffer): number => readHeader(bytes, MAX_FRAMES).memoryBytes;
    assert.ok(memory(get('progressive jpeg')) > 2 * memory(get('jpeg')));
    assert.ok(memory(await noise(120, 70).png({ progressive: true }).toBuffer()) > memory(get('png')));
    assert.ok(memory(get('avif')) > 15 * 120 * 70);
  });

  it('refuses what is no image', () => {
    for (const text of ['', 'x', '<html><svg xmlns="http://www.w3.org/2000/svg"/></html>', '%PDF-1.7', 'II*\0', 'BM']) refuses(Buffer.from(text));
  });

  it('refuses a side of zero pixels', () => {
    for (const [name, at] of [['png', 16], ['png', 20]] as const) {
      const copy = Buffer.from(get(name));
      copy.writeUInt32BE(0, at);
      refuses(copy);
    }
  });

  it('refuses a header that is cut off, wherever', () => {
    for (const bytes of files.values()) {
      for (let length = 0; length <= 1024; length += 1) answersOrRefuses(bytes.subarray(0, length));
      refuses(bytes.subarray(0, 12));
    }
  });

  it('answers or refuses whatever bytes are changed', () => {
    let state = 7;
    const random = (below: number): number => (state = (state * 48_271) % 0x7fff_ffff) % below;
    for (const bytes of files.values()) {
      for (let round = 0; round < 2000; round += 1) {
        const copy = Buffer.from(bytes);
        for (let changes = 0; changes < 3; changes += 1) copy[random(Math.min(copy.length, 300))] = random(256);
        answersOrRefuses(copy);
      }
    }
  });

  it('gives up on metadata without end', () => {
    const emptySegments = Buffer.alloc(4_000_004, Buffer.from([0xff, 0xe1, 0x00, 0x02]));
    refuses(Buffer.concat([Buffer.from([0xff, 0xd8]), emptySegments, get('jpeg').subarray(2)]));
    refuses(Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(4_000_000, 0xff)]));
    refuses(Buffer.concat([get('png').subarray(0, 33), Buffer.alloc(12 * 100_000), get('png').subarray(33)]));
  });

  function get(name: string): Buffer {
    return files.get(name) ?? assert.fail(`no file ${name}`);
  }
});

function measure(bytes: Buffer): Pick<ImageHeader, 'format' | 'width' | 'height' | 'frames'> {
  const { format, width, height, frames } = readHeader(bytes, MAX_FRAMES);
  return { format, width, height, frames };
}

function insertPngChunk(png: Buffer, name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  return Buffer.concat([png.subarray(0, 33), length, Buffer.from(name), data, Buffer.alloc(4), png.subarray(33)]);
}

function refuses(bytes: Buffer): void {
  assert.throws(() => readHeader(bytes, MAX_FRAMES), isRefusal);
}

function answersOrRefuses(bytes: Buffer): void {
  try {
    const { width, height, frames } = readHeader(bytes, MAX_FRAMES);
    assert.ok(width > 0 && height > 0 && frames > 0);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof MediaError && error.reason === 'CANNOT_THUMBNAIL';
}
