import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { cannotThumbnail } from './cannot-thumbnail.ts';
import { drawSvg } from './draw-svg.ts';
import { covers, type Size } from './geometry.ts';
import type { ImageFormat } from './image-format.ts';
import type { Pixels } from './pixels.ts';
import { readBmp } from './read-bmp.ts';
import type { ImageHeader } from './read-header.ts';
import { refuseBroken } from './refuse-broken.ts';
import { canDecodeHeic } from './restrict-loaders.ts';

/**
 * The level `error` refuses what is cut off or has a wrong checksum. The level above, `warning`, would refuse photos
 * that are whole: many phones write scan parameters that libjpeg frowns at.
 */
const FAIL_ON = 'error';

/** An image whose header passed: what it is, and how it is looked at. */
export interface SourceImage {
  readonly header: ImageHeader;
  /** With the EXIF orientation applied. */
  readonly size: Size;
  /** Begins to read it from its start: so many frames, by default the first alone. */
  readonly read: (frames?: number) => Sharp;
}

/**
 * Asks the decoder for the size. It must say what our own walk said, or one of the two was deceived; see isSameSize.
 * BMP and SVG become pixels here, since the one has no decoder and the other no size. Throws CANNOT_THUMBNAIL.
 */
export async function openImage(bytes: Uint8Array, header: ImageHeader): Promise<SourceImage> {
  if (header.format === 'bmp') return fromPixels(header, readBmp(bytes));
  if (header.format === 'svg') return fromPixels(header, await drawSvg(bytes));
  if (header.format === 'heic' && !canDecodeHeic()) throw cannotThumbnail('no decoder for HEIC');
  const read = (frames = 1): Sharp => sharp(bytes, toOptions(header, frames));
  const { format, width, height, autoOrient } = await refuseBroken(read().metadata());
  if (format !== toLoaded(header.format) || !isSameSize({ width, height }, header)) {
    throw cannotThumbnail(`walked ${header.format} ${header.width}x${header.height}, opened ${format} ${width}x${height}`);
  }
  return { header, size: autoOrient, read };
}

function fromPixels(header: ImageHeader, { data, width, height, channels }: Pixels): SourceImage {
  return { header, size: { width, height }, read: () => sharp(data, { raw: { width, height, channels } }) };
}

function toOptions({ width, height }: ImageHeader, frames: number): SharpOptions {
  return { failOn: FAIL_ON, limitInputPixels: width * height * frames, sequentialRead: true, pages: frames };
}

function toLoaded(format: ImageFormat): string {
  return format === 'avif' || format === 'heic' ? 'heif' : format;
}

/** A GIF may be smaller than its header says; AVIF and HEIC say how they are turned, and cut, beside their size. */
function isSameSize(opened: Size, header: ImageHeader): boolean {
  if (header.format === 'gif') return covers(header, opened);
  if (toLoaded(header.format) === 'heif') return covers(header, opened) || covers({ width: header.height, height: header.width }, opened);
  return opened.width === header.width && opened.height === header.height;
}
