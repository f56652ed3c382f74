import { cannotThumbnail } from './cannot-thumbnail.ts';
import { HeaderBytes, type HeaderSize } from './header/header-bytes.ts';
import { walkBmp } from './header/walk-bmp.ts';
import { walkGif } from './header/walk-gif.ts';
import { walkHeif } from './header/walk-heif.ts';
import { walkJpeg } from './header/walk-jpeg.ts';
import { walkPng } from './header/walk-png.ts';
import { walkSvg } from './header/walk-svg.ts';
import { walkTiff } from './header/walk-tiff.ts';
import { walkWebp } from './header/walk-webp.ts';
import { sniffFormat, type ImageFormat } from './image-format.ts';

/** What an image says of itself. */
export interface ImageHeader extends HeaderSize {
  readonly format: ImageFormat;
}

/** What an SVG may embed. */
const EMBEDDABLE: readonly ImageFormat[] = ['jpeg', 'png', 'gif', 'webp'];

/**
 * Reads format, size, frames, scans and the memory it takes by our own walk over the bytes: its time is linear in their
 * number, and no decoder sees what it refuses. Counts at most `maxFrames` + 1 frames. Throws CANNOT_THUMBNAIL for what is
 * none of the formats, is cut off in its header, or has a side of zero pixels.
 */
export function readHeader(bytes: Uint8Array, maxFrames: number): ImageHeader {
  const format = sniffFormat(bytes);
  if (format === undefined) throw cannotThumbnail('not a known image format');
  const size = walk(format, bytes, maxFrames);
  if (size.width === 0 || size.height === 0) throw cannotThumbnail('a side of zero pixels');
  return { format, ...size };
}

function walk(format: ImageFormat, source: Uint8Array, maxFrames: number): HeaderSize {
  const bytes = new HeaderBytes(source);
  switch (format) {
    case 'jpeg':
      return walkJpeg(bytes);
    case 'png':
      return walkPng(bytes);
    case 'gif':
      return walkGif(bytes, maxFrames);
    case 'webp':
      return walkWebp(bytes, maxFrames);
    case 'avif':
    case 'heic':
      return walkHeif(bytes);
    case 'tiff':
      return walkTiff(bytes, maxFrames);
    case 'bmp':
      return walkBmp(bytes);
    case 'svg':
      return walkSvg(source, (embedded) => readEmbedded(embedded, maxFrames));
  }
}

function readEmbedded(bytes: Uint8Array, maxFrames: number): ImageHeader {
  const header = readHeader(bytes, maxFrames);
  if (!EMBEDDABLE.includes(header.format)) throw cannotThumbnail(`SVG that embeds ${header.format}`);
  return header;
}
