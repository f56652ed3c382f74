import type { ThumbnailMethod } from '@medley/domain/thumbnail-spec';
import type { Sharp } from 'sharp';
import { cannotThumbnail } from './cannot-thumbnail.ts';
import type { Size } from './geometry.ts';
import type { SourceImage } from './open-image.ts';
import type { Pixels } from './pixels.ts';
import { refuseBroken } from './refuse-broken.ts';
import { toPixels } from './resize.ts';

/** Of libjpeg's warnings this one alone means that pixels are missing: the size in the header is false, or data is. */
const MISSING_PIXELS = /premature end of data segment/;
/** All frames of an animation together: a second or two of decoding. */
const MAX_ANIMATION_PIXELS = 256_000_000;
const RGBA = 4;

/** The frames of an animation, of one size, one below the other in `data`. */
export interface Animation extends Pixels {
  /** How long each frame is shown, in milliseconds; as many as there are frames, two or more. */
  readonly delaysMs: readonly number[];
  /** How often it is played; 0 means for ever. */
  readonly loop: number;
}

/**
 * Decodes the (first) picture, turns it upright, shrinks it to exactly `size` and converts it to sRGB, in one pass.
 * JPEG and WebP are shrunk while they are decoded. Throws CANNOT_THUMBNAIL when the data is broken.
 */
export function decode(image: SourceImage, size: Size, method: ThumbnailMethod): Promise<Pixels> {
  return refuseWarnings(image.read(), (input) => toPixels(input.autoOrient(), size, method));
}

/**
 * Decodes every frame of an animated GIF or WebP, shrunk to exactly `size`; `height` is that of one frame. Resolves with
 * `undefined` for what has one frame, or so many pixels that it is only shown still: all frames together must fit half of
 * `maxMemoryBytes`. Throws CANNOT_THUMBNAIL when a frame is broken.
 */
export async function decodeAnimation(image: SourceImage, size: Size, method: ThumbnailMethod, maxMemoryBytes: number): Promise<Animation | undefined> {
  const { header } = image;
  const bytes = size.width * size.height * RGBA * header.frames;
  const isTooMuch = bytes > maxMemoryBytes / 2 || header.width * header.height * header.frames > MAX_ANIMATION_PIXELS;
  if ((header.format !== 'gif' && header.format !== 'webp') || header.frames < 2 || isTooMuch) return undefined;
  const { pages = 1, delay = [], loop = 0 } = await refuseBroken(image.read(header.frames).metadata());
  if (pages < 2) return undefined;
  const { data, width, channels } = await refuseWarnings(image.read(pages), (input) => toPixels(input, size, method));
  return { data, width, height: size.height, channels, delaysMs: Array.from({ length: pages }, (_, frame) => delay[frame] ?? 100), loop };
}

async function refuseWarnings(input: Sharp, work: (input: Sharp) => Promise<Pixels>): Promise<Pixels> {
  const warnings: string[] = [];
  input.on('warning', (warning: string) => void warnings.push(warning));
  const pixels = await refuseBroken(work(input));
  const missing = warnings.find((warning) => MISSING_PIXELS.test(warning));
  if (missing !== undefined) throw cannotThumbnail(missing);
  return pixels;
}
