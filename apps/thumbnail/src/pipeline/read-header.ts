import { cannotThumbnail } from './cannot-thumbnail.ts';
import { HeaderBytes, type HeaderSize } from './header/header-bytes.ts';
import { walkGif } from './header/walk-gif.ts';
import { walkJpeg } from './header/walk-jpeg.ts';
import { walkPng } from './header/walk-png.ts';
import { walkWebp } from './header/walk-webp.ts';
import { sniffFormat, type ImageFormat } from './image-format.ts';

/** What an image says of itself. */
export interface ImageHeader extends HeaderSize {
  readonly format: ImageFormat;
}

/**
 * Reads format, size and frame count by our own walk over the bytes: its time is linear in their number, and no
 * decoder sees what it refuses. Counts at most `maxFrames` + 1 frames. Throws CANNOT_THUMBNAIL for what is none of
 * the four formats, is cut off in its header, or has a side of zero pixels.
 */
export function readHeader(bytes: Uint8Array, maxFrames: number): ImageHeader {
  const format = sniffFormat(bytes);
  if (format === undefined) throw cannotThumbnail('not a known image format');
  const size = walk(format, new HeaderBytes(bytes), maxFrames);
  if (size.width === 0 || size.height === 0) throw cannotThumbnail('a side of zero pixels');
  return { format, ...size };
}

function walk(format: ImageFormat, bytes: HeaderBytes, maxFrames: number): HeaderSize {
  switch (format) {
    case 'jpeg':
      return walkJpeg(bytes);
    case 'png':
      return walkPng(bytes);
    case 'gif':
      return walkGif(bytes, maxFrames);
    case 'webp':
      return walkWebp(bytes, maxFrames);
  }
}
