import type { FileRange } from '@medley/byte-lane/send-file';
import type { ByteRange } from '@medley/domain/byte-range';
import type { ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import type { Thumbnail } from './get-thumbnail.ts';
import { openBlob } from './open-blob.ts';

/** Opens a range of a thumbnail. */
export async function openThumbnail(gateway: Gateway, thumbnail: Thumbnail, range: ByteRange, signal: AbortSignal): Promise<Buffer | FileRange | ByteStream> {
  const { body, sizeBytes } = thumbnail;
  if (body.kind === 'blob') return openBlob(gateway, { key: body.key, sizeBytes }, range, signal);
  return body.bytes.subarray(range.offset, range.offset + range.length);
}
