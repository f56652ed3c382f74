import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';

/** In pixels, both at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The actual size of a thumbnail of `source` (as it is looked at, EXIF orientation applied). Nothing is enlarged.
 *
 * - `crop`: exactly the requested size; of a smaller source the largest part that has the requested aspect.
 * - `scale`: the source's aspect, at least the requested size on both sides; of a smaller source the source's size.
 */
export function toTargetSize(source: Size, spec: ThumbnailSpec): Size {
  return spec.method === 'crop' ? cropSize(source, spec) : scaleSize(source, spec);
}

/** Whether `source` is at least as large as `size` on both sides. */
export function covers(source: Size, size: Size): boolean {
  return source.width >= size.width && source.height >= size.height;
}

function cropSize(source: Size, requested: Size): Size {
  return multiply(requested, Math.min(1, source.width / requested.width, source.height / requested.height));
}

function scaleSize(source: Size, requested: Size): Size {
  return multiply(source, Math.min(1, Math.max(requested.width / source.width, requested.height / source.height)));
}

function multiply({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
