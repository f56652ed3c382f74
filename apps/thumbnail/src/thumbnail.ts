import type { BlobKey } from '@medley/domain/blob-key';
import { cannotThumbnail } from './pipeline/cannot-thumbnail.ts';
import { CONTENT_TYPES, sniffFormat } from './pipeline/image-format.ts';

/** What is answered whole; storage gives so much inline, and a gRPC message takes it. */
export const INLINE_MAX_BYTES = 2 ** 20;

/** A finished thumbnail. */
export interface Thumbnail {
  readonly key: BlobKey;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** The whole of it, or `undefined` where it is larger than INLINE_MAX_BYTES and lies in storage. */
  readonly bytes: Uint8Array | undefined;
}

/** Describes a thumbnail by its own first bytes. Throws CANNOT_THUMBNAIL where they are no image. */
export function toThumbnail(key: BlobKey, start: Uint8Array, sizeBytes: number): Thumbnail {
  const format = sniffFormat(start);
  if (format === undefined) throw cannotThumbnail('the thumbnail is no image');
  const isWhole = start.byteLength === sizeBytes && sizeBytes <= INLINE_MAX_BYTES;
  return { key, contentType: CONTENT_TYPES[format], sizeBytes, bytes: isWhole ? start : undefined };
}
