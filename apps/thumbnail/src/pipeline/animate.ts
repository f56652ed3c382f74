import type { ThumbnailFormat, ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { decodeAnimation } from './decode.ts';
import { encodeAnimation } from './encode.ts';
import { toTargetSize } from './geometry.ts';
import type { SourceLimits } from './limit.ts';
import type { SourceImage } from './open-image.ts';

/** Pixels of all frames of the result, each good for some seconds of one CPU: GIF's palettes cost five times as much. */
const MAX_PIXELS: Readonly<Record<ThumbnailFormat, number>> = { common: 6_000_000, webp: 24_000_000, avif: 6_000_000 };

/**
 * The thumbnail that moves, as WebP where the spec says so and else as GIF, with the delays and the loop count of the
 * source; or nothing, where the source does not move or is too much for an animation. Throws CANNOT_THUMBNAIL.
 */
export async function animate(image: SourceImage, spec: ThumbnailSpec, limits: SourceLimits): Promise<Buffer | undefined> {
  const size = toTargetSize(image.size, spec);
  if (size.width * size.height * image.header.frames > MAX_PIXELS[spec.format]) return undefined;
  const animation = await decodeAnimation(image, size, spec.method, limits.maxMemoryBytes);
  return animation && encodeAnimation(animation, spec.format);
}
