import type { ThumbnailMethod } from '@medley/domain/thumbnail-spec';
import sharp, { type Sharp } from 'sharp';
import { cannotThumbnail } from './cannot-thumbnail.ts';
import { covers, type Size } from './geometry.ts';
import type { Pixels } from './pixels.ts';
import type { ImageHeader } from './read-header.ts';
import { toPixels } from './resize.ts';

/**
 * The level `error` refuses what is cut off or has a wrong checksum. The level above, `warning`, would refuse photos
 * that are whole: many phones write scan parameters that libjpeg frowns at.
 */
const FAIL_ON = 'error';
/** Of libjpeg's warnings this one alone means that pixels are missing: the size in the header is false, or data is. */
const MISSING_PIXELS = /premature end of data segment/;

/** An image whose header passed: what it is, and how it is looked at. */
export interface SourceImage {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
  /** With the EXIF orientation applied. */
  readonly size: Size;
}

/**
 * Asks the decoder for the size. It must say what our own walk said, or one of the two was deceived; only a GIF may be
 * smaller than its header says. Throws CANNOT_THUMBNAIL.
 */
export async function openImage(bytes: Uint8Array, header: ImageHeader): Promise<SourceImage> {
  const { format, width, height, autoOrient } = await refuseBroken(toSharp(bytes, header).metadata());
  if (format !== header.format || !isSameSize({ width, height }, header)) {
    throw cannotThumbnail(`walked ${header.format} ${header.width}x${header.height}, opened ${format} ${width}x${height}`);
  }
  return { bytes, header, size: autoOrient };
}

function isSameSize(opened: Size, header: ImageHeader): boolean {
  if (header.format === 'gif') return covers(header, opened);
  return opened.width === header.width && opened.height === header.height;
}

/**
 * Decodes the (first) picture, turns it upright, shrinks it to exactly `size` and converts it to sRGB, in one pass.
 * JPEG and WebP are shrunk while they are decoded. Throws CANNOT_THUMBNAIL when the data is broken.
 */
export async function decode(image: SourceImage, size: Size, method: ThumbnailMethod): Promise<Pixels> {
  const input = toSharp(image.bytes, image.header);
  const warnings: string[] = [];
  input.on('warning', (warning: string) => void warnings.push(warning));
  const pixels = await refuseBroken(toPixels(input.autoOrient(), size, method));
  const missing = warnings.find((warning) => MISSING_PIXELS.test(warning));
  if (missing !== undefined) throw cannotThumbnail(missing);
  return pixels;
}

function toSharp(bytes: Uint8Array, header: ImageHeader): Sharp {
  return sharp(bytes, { failOn: FAIL_ON, limitInputPixels: header.width * header.height, sequentialRead: true });
}

/** What sharp rejects with has no type; while it reads a stranger's bytes, it's about these. */
async function refuseBroken<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    throw cannotThumbnail(error);
  }
}
