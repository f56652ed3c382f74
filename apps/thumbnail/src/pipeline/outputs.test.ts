import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { STANDARD_SPECS, THUMBNAIL_FORMATS, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import sharp from 'sharp';
import { hashDistance, hashFormula, hashImage } from '../testing/difference-hash.ts';
import { croppedView, FRAME_DELAYS_MS, paintMovingScene, paintScene, sceneBrightness, seenThrough } from '../testing/scene.ts';
import { makeOne, spec } from '../testing/thumbnails.ts';
import { toTargetSize } from './geometry.ts';
import { sniffFormat } from './image-format.ts';
import { restrictLoaders } from './restrict-loaders.ts';

interface Source {
  readonly bytes: Buffer;
  readonly moves?: boolean;
  /** Whether the common format of its stills is PNG. */
  readonly isPng?: boolean;
}

const SIZE = { width: 420, height: 280 };
const SPECS = [...STANDARD_SPECS, spec(128, 64, 'crop'), spec(64, 192)];
/** Of 64 bits; another picture differs in some 32, a mirrored one in 20 or more. */
const MAX_DISTANCE = 6;

const sources: Record<string, Source> = {};

describe('thumbnails of every format, size, method and format out', () => {
  before(async () => {
    restrictLoaders();
    const scene = paintScene(SIZE);
    const opaque = scene.clone().removeAlpha();
    const clear = paintScene(SIZE, true);
    const moving = await paintMovingScene(SIZE);
    Object.assign(sources, {
      'JPEG': { bytes: await opaque.clone().jpeg({ quality: 92 }).toBuffer() },
      'PNG': { bytes: await opaque.clone().png().toBuffer(), isPng: true },
      'clear PNG': { bytes: await clear.clone().png().toBuffer(), isPng: true },
      'GIF': { bytes: await opaque.clone().gif().toBuffer() },
      'WebP': { bytes: await opaque.clone().webp({ quality: 92 }).toBuffer() },
      'clear WebP': { bytes: await clear.clone().webp({ quality: 92 }).toBuffer(), isPng: true },
      'AVIF': { bytes: await opaque.clone().avif({ quality: 80, effort: 0 }).toBuffer() },
      'TIFF': { bytes: await opaque.clone().tiff().toBuffer() },
      'animated GIF': { bytes: moving.gif, moves: true },
      'animated WebP': { bytes: moving.webp, moves: true },
    });
  });

  for (const name of ['JPEG', 'PNG', 'clear PNG', 'GIF', 'WebP', 'clear WebP', 'AVIF', 'TIFF', 'animated GIF', 'animated WebP']) {
    for (const format of THUMBNAIL_FORMATS) {
      for (const animated of [false, true]) {
        it(`come of ${name} as ${format}${animated ? ', moving if it can' : ''}`, async () => {
          const source = sources[name] ?? assert.fail('no such source');
          for (const one of SPECS) await check(source, { ...one, format, animated });
        });
      }
    }
  }
});

async function check(source: Source, wanted: ThumbnailSpec): Promise<void> {
  const text = JSON.stringify(wanted);
  const thumbnail = await makeOne(source.bytes, wanted);
  if (wanted.animated && source.moves !== true) {
    assert.equal(thumbnail.byteLength, 0, text);
    return;
  }
  assert.equal(sniffFormat(thumbnail), expectedFormat(source, wanted), text);
  await (wanted.animated ? checkMoving(thumbnail, wanted) : checkStill(thumbnail, wanted));
  assert.ok(thumbnail.equals(await makeOne(source.bytes, wanted)), `other bytes: ${text}`);
}

function expectedFormat({ isPng = false }: Source, { format, animated }: ThumbnailSpec): string {
  if (format !== 'common' && !(animated && format === 'avif')) return format;
  if (animated) return 'gif';
  return isPng ? 'png' : 'jpeg';
}

async function checkStill(thumbnail: Buffer, wanted: ThumbnailSpec): Promise<void> {
  const { width, height, pages = 1, exif, icc } = await sharp(thumbnail).metadata();
  assert.deepEqual({ width, height, pages, exif, icc }, { ...toTargetSize(SIZE, wanted), pages: 1, exif: undefined, icc: undefined });
  await checkLooks(thumbnail, wanted, 0);
}

async function checkMoving(thumbnail: Buffer, wanted: ThumbnailSpec): Promise<void> {
  const { width, pageHeight, pages = 1, delay, loop } = await sharp(thumbnail, { pages: -1 }).metadata();
  assert.deepEqual({ width, height: pageHeight }, toTargetSize(SIZE, wanted));
  assert.deepEqual({ pages, delay, loop }, { pages: 3, delay: FRAME_DELAYS_MS, loop: 2 });
  for (let page = 0; page < pages; page += 1) {
    await checkLooks(await sharp(thumbnail, { page }).png().toBuffer(), wanted, page);
  }
}

/** Compares with the formula of the scene, so that no other version of a library can be wrong twice. */
async function checkLooks(picture: Buffer, wanted: ThumbnailSpec, frame: number): Promise<void> {
  const target = toTargetSize(SIZE, wanted);
  const expected = hashFormula(seenThrough(sceneBrightness(frame), croppedView(SIZE, target)));
  const distance = hashDistance(await hashImage(picture), expected);
  assert.ok(distance <= MAX_DISTANCE, `frame ${frame} of ${JSON.stringify(wanted)} differs in ${distance} bits`);
}
