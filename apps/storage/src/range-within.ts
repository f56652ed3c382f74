import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';

/** The range to read of `sizeBytes` bytes; no range means all of them. Throws RANGE_NOT_SATISFIABLE where it is not within. */
export function rangeWithin(range: ByteRange | undefined, sizeBytes: number): ByteRange {
  if (range === undefined) return { offset: 0, length: sizeBytes };
  if (range.offset + range.length > sizeBytes) throw rangeNotSatisfiable();
  return range;
}

/** Whether a range leaves out nothing of `sizeBytes` bytes. */
export function isWhole(range: ByteRange | undefined, sizeBytes: number): boolean {
  return range === undefined || (range.offset === 0 && range.length === sizeBytes);
}

export function rangeNotSatisfiable(): MediaError {
  return new MediaError('RANGE_NOT_SATISFIABLE', 'The range is not within the blob');
}
