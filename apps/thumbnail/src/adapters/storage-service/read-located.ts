import type { ByteLane } from '@medley/byte-lane/byte-lane';
import { readFileRange } from '@medley/byte-lane/read-file';
import { MediaError } from '@medley/domain/media-error';
import type { HttpLocation, LocateBlobResponse } from '@medley/proto/storage';
import { collectBytes, expectBytes, type ByteStream } from '@medley/streams/byte-stream';

/**
 * Reads a whole blob from where storage says it is. Fails with NOT_FOUND where it went away since, with BLOB_CORRUPT
 * where it is not as long as storage said. Rejects when `signal` aborts.
 */
export async function readLocated({ location, sizeBytes }: LocateBlobResponse, lane: ByteLane, signal: AbortSignal): Promise<Uint8Array> {
  switch (location?.$case) {
    case 'inline':
      return location.value;
    case 'path':
      return collect(readFileRange(location.value, { offset: 0, length: sizeBytes }, signal), sizeBytes);
    case 'http':
      return collect(await openHttp(location.value, lane, signal), sizeBytes);
    case undefined:
      throw new Error('storage located a blob nowhere');
  }
}

async function openHttp(location: HttpLocation, lane: ByteLane, signal: AbortSignal): Promise<ByteStream> {
  const { status, body } = await lane.send(location, { method: 'GET' }, signal);
  if (status === 200) return body;
  body.destroy();
  if (status === 404) throw new MediaError('NOT_FOUND', 'No such blob');
  throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: `status ${status}` });
}

function collect(stream: ByteStream, sizeBytes: number): Promise<Uint8Array> {
  return collectBytes(expectBytes(stream, sizeBytes), sizeBytes);
}
