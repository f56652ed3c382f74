import type { ThumbnailFormat } from '@medley/domain/thumbnail-spec';
import sharp, { type Sharp } from 'sharp';
import type { Animation } from './decode.ts';
import type { ImageFormat } from './image-format.ts';
import { isOpaque, type Pixels } from './pixels.ts';

/** As Synapse and most cameras. 4:2:0 halves what the colours cost, which no eye misses at this size. */
const JPEG = { quality: 80, chromaSubsampling: '4:2:0' } as const;
/** Filters chosen line by line make photos a third smaller for a third more time; a palette would cost seconds. */
const PNG = { compressionLevel: 6, adaptiveFiltering: true, palette: false } as const;
/** More effort than this makes files 5 % smaller for three times the time. */
const WEBP = { quality: 75, effort: 2 } as const;
/** The least effort: the next but one takes five times as long for 4 % fewer bytes, the default 30 times. */
const AVIF = { quality: 55, effort: 0, chromaSubsampling: '4:2:0' } as const;
/** One palette for as many frames as it fits, and no dithering, which flickers: half the time of the defaults. */
const GIF = { effort: 1, dither: 0, interPaletteMaxError: 32 } as const;

/**
 * Writes a still in the format asked for; `common` is PNG where the source was one or something shines through, else
 * JPEG. The same pixels give the same bytes.
 */
export function encode(pixels: Pixels, sourceFormat: ImageFormat, format: ThumbnailFormat): Promise<Buffer> {
  const { data, width, height, channels } = pixels;
  const image = sharp(data, { raw: { width, height, channels } });
  return (isOpaque(pixels) ? writeOpaque(image.removeAlpha(), sourceFormat, format) : writeClear(image, format)).toBuffer();
}

function writeOpaque(image: Sharp, sourceFormat: ImageFormat, format: ThumbnailFormat): Sharp {
  return format === 'common' && sourceFormat !== 'png' ? image.jpeg(JPEG) : writeClear(image, format);
}

function writeClear(image: Sharp, format: ThumbnailFormat): Sharp {
  switch (format) {
    case 'webp':
      return image.webp(WEBP);
    case 'avif':
      return image.avif(AVIF);
    case 'common':
      return image.png(PNG);
  }
}

/** Writes an animation: WebP where that is the format, else GIF, which every client shows. */
export function encodeAnimation(animation: Animation, format: ThumbnailFormat): Promise<Buffer> {
  const { data, width, height, channels, delaysMs, loop } = animation;
  const raw = { width, height: height * delaysMs.length, channels, pageHeight: height };
  const image = sharp(data, { raw, limitInputPixels: false });
  const times = { delay: [...delaysMs], loop };
  return (format === 'webp' ? image.webp({ ...WEBP, ...times }) : image.gif({ ...GIF, ...times })).toBuffer();
}
