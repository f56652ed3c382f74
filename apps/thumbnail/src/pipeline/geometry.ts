import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';

/** In pixels, both at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** No side of a thumbnail is longer: what covers the size asked of a panorama would grow without bound. */
export const LONGEST_SIDE = 4096;

/**
 * The actual size of a thumbnail of `source` (as it is looked at, EXIF orientation applied). Nothing is enlarged.
 *
 * - `crop`: exactly the requested size; of a smaller source the largest part that has the requested aspect.
 * - `scale`: the source's aspect, at least the requested size on both sides; of a smaller source the source's size. A
 *   side that would be longer than LONGEST_SIDE is that long, and the other falls short.
 */
export function toTargetSize(source: Size, spec: ThumbnailSpec): Size {
  return spec.method === 'crop' ? cropSize(source, spec) : scaleSize(source, spec);
}

/** The size of what has the source's aspect and no side longer than `side`, for a small picture of the whole. */
export function toSizeWithin(source: Size, side: number): Size {
  return multiply(source, Math.min(1, side / Math.max(source.width, source.height)));
}

/** Whether `source` is at least as large as `size` on both sides. */
export function covers(source: Size, size: Size): boolean {
  return source.width >= size.width && source.height >= size.height;
}

function cropSize(source: Size, requested: Size): Size {
  return multiply(requested, Math.min(1, source.width / requested.width, source.height / requested.height));
}

function scaleSize(source: Size, requested: Size): Size {
  const covering = Math.max(requested.width / source.width, requested.height / source.height);
  return multiply(source, Math.min(1, covering, LONGEST_SIDE / Math.max(source.width, source.height)));
}

function multiply({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
