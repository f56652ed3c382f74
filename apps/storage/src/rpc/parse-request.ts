import { parseBlobAddress, type BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import type { ByteRange } from '@medley/domain/byte-range';

/** Reads the key of a request. Throws MISSING_PARAM without one, INVALID_PARAM for one that names no blob. */
export function parseKey(key: { readonly digest: string; readonly derivation: string; readonly store: string } | undefined): BlobAddress {
  if (key === undefined) throw new MediaError('MISSING_PARAM', 'key is missing');
  return parseBlobAddress(key);
}

/** Reads an optional range of bytes. Throws INVALID_PARAM for negative numbers. */
export function parseRange(range: ByteRange | undefined): ByteRange | undefined {
  if (range === undefined) return undefined;
  return { offset: parseCount('range.offset', range.offset), length: parseCount('range.length', range.length) };
}

/** Reads a number of bytes. Throws INVALID_PARAM where it is negative. */
export function parseCount(name: string, count: number): number {
  if (count < 0) throw new MediaError('INVALID_PARAM', `${name} must not be negative`);
  return count;
}
