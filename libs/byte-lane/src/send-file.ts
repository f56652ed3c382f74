import { open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';

/** A range of an open file, to be sent; whoever sends it closes it. */
export interface FileRange {
  readonly file: FileHandle;
  readonly range: ByteRange;
}

/** Opens a range of a file, so that a file that can't be read is known before anything is sent. Fails with BLOB_CORRUPT where it is missing. */
export async function openFileRange(path: string, range: ByteRange): Promise<FileRange> {
  try {
    return { file: await open(path, 'r'), range };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost', { cause: error });
    throw new MediaError('SERVICE_UNAVAILABLE', 'The bytes of this media can’t be read now', { cause: error });
  }
}

const CHUNK_BYTES = 256 * 1024;
const MAX_KEPT_PAIRS = 16;

/** Buffers of sends that ended well. Allocating anew for every chunk costs more than reading it. */
const kept: (readonly [Buffer, Buffer])[] = [];

/**
 * Writes a range of a file to `output`: of two buffers one is filled while the other is being written, so one send holds
 * 512 KiB however slow its reader is. `onProgress` hears of every chunk that went out. Rejects with
 * BLOB_CORRUPT where the file ends too early, and when `output` closes; never ends `output`.
 */
export async function sendFile(output: Writable, { file: opened, range }: FileRange, onProgress: () => void): Promise<void> {
  await using file = opened;
  if (range.length === 0) return;
  const buffers = kept.pop() ?? ([Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const);
  const end = range.offset + range.length;
  let writing: Promise<void> = Promise.resolve();
  let buffer = buffers[0];
  for (let at = range.offset; at < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, end - at), at);
    if (bytesRead === 0) throw new MediaError('BLOB_CORRUPT', `The blob ends at byte ${at} of ${end}`);
    await writing;
    onProgress();
    writing = write(output, buffer.subarray(0, bytesRead));
    writing.catch(() => {}); // heard of before the next chunk, or at the end
    at += bytesRead;
    buffer = buffer === buffers[0] ? buffers[1] : buffers[0];
  }
  await writing;
  // only now is nobody using them; after a failure the socket might
  if (kept.length < MAX_KEPT_PAIRS) kept.push(buffers);
}

/** Settles when the chunk has gone out, or the reader has. */
function write(output: Writable, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = (): void => reject(new Error('the reader left'));
  output.once('close', onClose);
  output.write(chunk, (error) => {
    output.off('close', onClose);
    if (error) reject(error);
    else resolve();
  });
  if (output.destroyed) onClose();
  return promise;
}
