import type { ThumbnailMethod } from '@medley/domain/thumbnail-spec';
import sharp, { type Sharp } from 'sharp';
import type { Size } from './geometry.ts';
import type { Pixels } from './pixels.ts';

/** Resizes what `image` holds to exactly `size`: `crop` covers it and cuts evenly on both sides, `scale` fits it. */
export async function toPixels(image: Sharp, size: Size, method: ThumbnailMethod): Promise<Pixels> {
  const { data, info } = await image
    .resize({ width: size.width, height: size.height, fit: method === 'crop' ? 'cover' : 'fill', position: 'centre' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Makes a smaller picture of one already decoded. */
export function resizePixels({ data, width, height, channels }: Pixels, size: Size, method: ThumbnailMethod): Promise<Pixels> {
  return toPixels(sharp(data, { raw: { width, height, channels } }), size, method);
}
