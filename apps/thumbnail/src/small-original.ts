import type { BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { covers } from './pipeline/geometry.ts';
import { CONTENT_TYPES, type ImageFormat } from './pipeline/image-format.ts';
import { readHeader } from './pipeline/read-header.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Thumbnail } from './thumbnail.ts';

/** A larger source is not worth reading while there is no slot for it. */
const MAX_BYTES = 256 * 1024;
/** What the specification lets a thumbnail be, of what every client shows. */
const SAFE_FORMATS: readonly ImageFormat[] = ['jpeg', 'png', 'gif'];

/**
 * The source itself, where the specification lets it stand for its thumbnail: a still image of a common type that is no
 * larger than what was asked. Else `undefined`. Only its header is looked at. Rejects when `signal` aborts.
 */
export async function findSmallOriginal(blobs: Blobs, source: BlobAddress, requested: ThumbnailSpec, signal: AbortSignal): Promise<Thumbnail | undefined> {
  const bytes = await readSmall(blobs, source, signal);
  const header = bytes && tryHeader(bytes);
  if (bytes === undefined || header === undefined || header.frames > 1 || !SAFE_FORMATS.includes(header.format) || !covers(requested, header)) return undefined;
  return { key: source, contentType: CONTENT_TYPES[header.format], sizeBytes: bytes.byteLength, bytes };
}

async function readSmall(blobs: Blobs, source: BlobAddress, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return await blobs.readSource(source, signal, MAX_BYTES);
  } catch (error) {
    if (error instanceof MediaError && error.reason === 'TOO_LARGE') return undefined;
    throw error;
  }
}

function tryHeader(bytes: Uint8Array): ReturnType<typeof readHeader> | undefined {
  try {
    return readHeader(bytes, 1);
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
