import sharp, { type Sharp } from 'sharp';
import { cannotThumbnail } from './cannot-thumbnail.ts';
import type { Size } from './geometry.ts';
import { SVG_SIDE } from './header/walk-svg.ts';
import type { Pixels } from './pixels.ts';
import { refuseBroken } from './refuse-broken.ts';
import { openSvgLoader } from './restrict-loaders.ts';

/** At which a pixel of the file is one of ours. */
const BASE_DENSITY = 72;

/**
 * Draws an SVG that was scanned so that its longer side has 1600 pixels, or nearly: whatever size it names, it has none.
 * Throws CANNOT_THUMBNAIL where it is broken, or so long and thin that nothing is left of it.
 */
export async function drawSvg(bytes: Uint8Array): Promise<Pixels> {
  using _loader = openSvgLoader();
  const density = await findDensity(bytes);
  const { data, info } = await refuseBroken(toSharp(bytes, density).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true }));
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Sizes in pixels grow with the density, those in millimetres with its square. */
async function findDensity(bytes: Uint8Array): Promise<number> {
  const natural = longerSide(await readSize(bytes, BASE_DENSITY));
  const factor = SVG_SIDE / natural;
  for (const density of [BASE_DENSITY * factor, BASE_DENSITY * Math.sqrt(factor), BASE_DENSITY]) {
    if (density < 1 || density > 100_000) continue;
    const side = longerSide(await readSize(bytes, density));
    if (side <= SVG_SIDE && (density === BASE_DENSITY || side >= SVG_SIDE * 0.9)) return density;
  }
  throw cannotThumbnail(`SVG of ${natural} pixels`);
}

async function readSize(bytes: Uint8Array, density: number): Promise<Size> {
  return refuseBroken(sharp(bytes, { density, limitInputPixels: false }).metadata());
}

function toSharp(bytes: Uint8Array, density: number): Sharp {
  return sharp(bytes, { density, limitInputPixels: SVG_SIDE * SVG_SIDE });
}

function longerSide({ width, height }: Size): number {
  return Math.max(width, height);
}
