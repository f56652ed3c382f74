import { open, type FileHandle } from 'node:fs/promises';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';

const CHUNK_BYTES = 256 * 1024;

/**
 * Yields `range` of the file at `path`. Opens with the first read and closes when the loop ends or is left. Fails with
 * NOT_FOUND where there is no file, and with BLOB_CORRUPT where it is shorter than the range.
 */
export async function* readFileRange(path: string, range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (range.length === 0) return;
  await using file = await openBlobFile(path);
  const end = range.offset + range.length;
  for (let at = range.offset; at < end; ) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.byteLength, at);
    if (bytesRead === 0) throw new MediaError('BLOB_CORRUPT', `The blob ends at byte ${at} of ${end}`);
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

async function openBlobFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new MediaError('NOT_FOUND', 'No such blob', { cause: error });
    }
    throw error;
  }
}
