import type { BlobAddress, BlobKey } from '@medley/domain/blob-key';
import { isAnimationKey, isInfoKey } from './derived-key.ts';
import { cannotThumbnail } from './pipeline/cannot-thumbnail.ts';
import { CONTENT_TYPES, sniffFormat } from './pipeline/image-format.ts';

/** What is answered whole; storage gives so much inline, and a gRPC message takes it. */
export const INLINE_MAX_BYTES = 2 ** 20;

/** A finished thumbnail, or whatever else was made of a source. */
export interface Thumbnail {
  readonly key: BlobAddress;
  readonly contentType: string;
  /** 0 only under the key of an animation: it says that the source does not move. */
  readonly sizeBytes: number;
  /** The whole of it, or `undefined` where it is larger than INLINE_MAX_BYTES and lies in storage. */
  readonly bytes: Uint8Array | undefined;
}

/** Describes what was made by its own first bytes. Throws CANNOT_THUMBNAIL where they are not what the key says. */
export function toThumbnail(key: BlobAddress, start: Uint8Array, sizeBytes: number): Thumbnail {
  const isWhole = start.byteLength === sizeBytes && sizeBytes <= INLINE_MAX_BYTES;
  return { key, contentType: toContentType(key, start), sizeBytes, bytes: isWhole ? start : undefined };
}

function toContentType(key: BlobKey, start: Uint8Array): string {
  if (isInfoKey(key)) return 'application/json';
  if (start.byteLength === 0 && isAnimationKey(key)) return '';
  const format = sniffFormat(start);
  if (format === undefined) throw cannotThumbnail('the thumbnail is no image');
  return CONTENT_TYPES[format];
}
