import { STANDARD_SPECS, type ThumbnailFormat, type ThumbnailMethod, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import type { SourceLimits } from '../pipeline/limit.ts';
import { makeThumbnails } from '../pipeline/make-thumbnails.ts';
import type { Wanted } from '../pipeline/wanted.ts';

export const LIMITS: SourceLimits = { maxPixels: 32_000_000, maxFrames: 300, maxScans: 100, maxMemoryBytes: 320 * 2 ** 20 };

export function spec(width: number, height: number, method: ThumbnailMethod = 'scale', format: ThumbnailFormat = 'common'): ThumbnailSpec {
  return { width, height, method, animated: false, format };
}

/** The standard five with this one first. */
export function standardFrom(width: number): readonly ThumbnailSpec[] {
  return STANDARD_SPECS.toSorted((one, other) => Number(other.width === width) - Number(one.width === width));
}

/** The thumbnail of one spec. */
export async function makeOne(source: Uint8Array, one: Wanted, limits = LIMITS): Promise<Buffer> {
  for await (const thumbnail of makeThumbnails(source, [one], limits)) return thumbnail;
  throw new Error('no thumbnail was made');
}
