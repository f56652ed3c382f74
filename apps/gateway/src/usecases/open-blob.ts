import type { ByteRange } from '@medley/domain/byte-range';
import type { BlobKey } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { openFileRange, type FileRange } from '@medley/byte-lane/send-file';
import type { HttpLocation, LocateBlobResponse } from '@medley/proto/storage';
import { expectBytes, fromBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';

/** What the record says of a blob. */
export interface Blob {
  readonly key: BlobKey;
  readonly sizeBytes: number;
}

interface Wanted {
  readonly range: ByteRange;
  readonly isWhole: boolean;
}

/**
 * Opens a range of a blob where it lies: in memory (then the bytes are at hand), in the blob folder, or over HTTP. Fails with BLOB_CORRUPT if the
 * record names bytes that storage has lost, and in mid-stream if they end too early.
 */
export async function openBlob(gateway: Gateway, { key, sizeBytes }: Blob, range: ByteRange, signal: AbortSignal): Promise<Buffer | FileRange | ByteStream> {
  const name = `${key.digest}/${key.derivation}`;
  const cached = gateway.bodies.get(name);
  if (cached !== undefined) return slice(cached, range);
  const located = await locate(gateway, key, sizeBytes, signal);
  if (located.sizeBytes !== sizeBytes) throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are not all there');
  switch (located.location?.$case) {
    case 'inline':
      return slice(gateway.bodies.set(name, located.location.value), range);
    case 'path':
      return openFileRange(located.location.value, range);
    case 'http':
      return expectBytes(await readHttp(gateway, located.location.value, { range, isWhole: range.length === sizeBytes }, signal), range.length);
    case undefined:
      throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('storage answered with no location') });
  }
}

async function locate(gateway: Gateway, key: BlobKey, sizeBytes: number, signal: AbortSignal): Promise<LocateBlobResponse> {
  const inlineMaxBytes = sizeBytes <= gateway.bodies.maxBodyBytes ? gateway.bodies.maxBodyBytes : 0;
  try {
    return await gateway.services.storage.locateBlob({ key, inlineMaxBytes, acceptPath: gateway.config.readsBlobFolder }, { signal });
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason !== 'NOT_FOUND') throw error;
    throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost', { cause: error });
  }
}

async function readHttp(gateway: Gateway, location: HttpLocation, { range, isWhole }: Wanted, signal: AbortSignal): Promise<ByteStream> {
  if (range.length === 0) return fromBytes(Buffer.alloc(0));
  const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
  const response = await gateway.lane.send(location, { method: 'GET', headers }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: error, retryAfterMs: 1000 });
  });
  if (response.status === (isWhole ? 200 : 206)) return response.body;
  response.body.destroy();
  if (response.status === 404) throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost');
  throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: new Error(`status ${response.status}`), retryAfterMs: 1000 });
}

function slice(bytes: Buffer, range: ByteRange): Buffer {
  return bytes.subarray(range.offset, range.offset + range.length);
}
