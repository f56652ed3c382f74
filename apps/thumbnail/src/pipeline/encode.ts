import sharp from 'sharp';
import type { ImageFormat } from './image-format.ts';
import { isOpaque, type Pixels } from './pixels.ts';

/** As Synapse and most cameras. 4:2:0 halves what the colours cost, which no eye misses at this size. */
const JPEG = { quality: 80, chromaSubsampling: '4:2:0' } as const;
/** Filters chosen line by line make photos a third smaller for a third more time; a palette would cost seconds. */
const PNG = { compressionLevel: 6, adaptiveFiltering: true, palette: false } as const;
/** What libjpeg takes. */
const JPEG_MAX_SIDE = 65_500;

/** Writes PNG where the source was one or something shines through, else JPEG. The same pixels give the same bytes. */
export async function encode(pixels: Pixels, sourceFormat: ImageFormat): Promise<Buffer> {
  const { data, width, height, channels } = pixels;
  const image = sharp(data, { raw: { width, height, channels } });
  return isJpegFit(pixels, sourceFormat) ? image.removeAlpha().jpeg(JPEG).toBuffer() : image.png(PNG).toBuffer();
}

function isJpegFit(pixels: Pixels, sourceFormat: ImageFormat): boolean {
  return sourceFormat !== 'png' && Math.max(pixels.width, pixels.height) <= JPEG_MAX_SIDE && isOpaque(pixels);
}
