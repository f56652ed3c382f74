import { encode as toBlurHash } from 'blurhash';
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import type { SourceImage } from './open-image.ts';
import type { ImageInfo } from './image-info.ts';
import { CONTENT_TYPES } from './image-format.ts';
import type { Pixels } from './pixels.ts';

/** Placeholders hold a few waves a side, so no more pixels are looked at; ThumbHash takes no more. */
export const PLACEHOLDER_SIDE = 100;
/** Waves along the longer and the shorter side: some 28 characters, as most clients make. */
const LONGER_WAVES = 4;
const SHORTER_WAVES = 3;

/** What an image looks like, as JSON: the ImageInfo of `image`, whose `picture` is at most PLACEHOLDER_SIDE a side. */
export async function describeImage({ header, size }: SourceImage, picture: Pixels): Promise<Buffer> {
  const { data, width, height, channels } = picture;
  const image = sharp(data, { raw: { width, height, channels } }).toColourspace('srgb');
  const clear = await image.clone().ensureAlpha().raw().toBuffer();
  const onWhite = await image.flatten({ background: '#fff' }).ensureAlpha().raw().toBuffer();
  const [across, down] = width >= height ? [LONGER_WAVES, SHORTER_WAVES] : [SHORTER_WAVES, LONGER_WAVES];
  const info: ImageInfo = {
    contentType: CONTENT_TYPES[header.format],
    width: size.width,
    height: size.height,
    frameCount: header.frames,
    blurhash: toBlurHash(new Uint8ClampedArray(onWhite), width, height, across, down),
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, clear)).toString('base64'),
  };
  return Buffer.from(JSON.stringify(info));
}
