import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from '@medley/domain/byte-range';
import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { blobCorrupt } from '@medley/streams/verify-digest';

/** What bytes must hash to, and who wants to know whether they do. */
export interface ByteCheck {
  readonly digest: Digest;
  onResult(isRight: boolean): void;
}

/** A range of an open file, to be sent; whoever sends it closes it. */
export interface FileRange {
  readonly file: FileHandle;
  readonly range: ByteRange;
  /** If present, the last bytes are sent only if all of them are right. */
  readonly check?: ByteCheck | undefined;
}

/** Opens a range of a file, so that a file that can't be read is known before anything is sent. Fails with NOT_FOUND where there is none. */
export async function openFileRange(path: string, range: ByteRange): Promise<FileRange> {
  try {
    return { file: await open(path, 'r'), range };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) throw new MediaError('NOT_FOUND', 'No such blob', { cause: error });
    throw new MediaError('SERVICE_UNAVAILABLE', 'The bytes of this media can’t be read now', { cause: error });
  }
}

const CHUNK_BYTES = 256 * 1024;
const MAX_KEPT_PAIRS = 16;

/** Says what the open file is like: whoever writes to it, or puts another in its place, changes that. */
export async function stampFile(file: FileHandle): Promise<string> {
  const { mtimeNs, size, ino } = await file.stat({ bigint: true });
  return `${mtimeNs} ${size} ${ino}`;
}

/** Buffers of sends that ended well. Allocating anew for every chunk costs more than reading it. */
const kept: (readonly [Buffer, Buffer])[] = [];

/**
 * Writes a range of a file to `output`: of two buffers one is filled while the other is being written, so one send holds
 * 512 KiB however slow its reader is. Rejects with BLOB_CORRUPT where the file ends too early or is not what its digest
 * says, and when `output` closes; never ends `output`.
 */
export async function sendFile(output: Writable, { file: opened, range, check }: FileRange): Promise<void> {
  await using file = opened;
  if (range.length === 0) return;
  const hash = check && createHash('sha256');
  const buffers = kept.pop() ?? ([Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const);
  const end = range.offset + range.length;
  let writing: Promise<void> = Promise.resolve();
  let buffer = buffers[0];
  for (let at = range.offset; at < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, end - at), at);
    if (bytesRead === 0) {
      check?.onResult(false);
      throw new MediaError('BLOB_CORRUPT', `The blob ends at byte ${at} of ${end}`);
    }
    hash?.update(buffer.subarray(0, bytesRead));
    await writing;
    if (at + bytesRead === end) requireRight(hash, check);
    writing = write(output, buffer.subarray(0, bytesRead));
    writing.catch(() => {}); // heard of before the next chunk, or at the end
    at += bytesRead;
    buffer = buffer === buffers[0] ? buffers[1] : buffers[0];
  }
  await writing;
  // only now is nobody using them; after a failure the socket might
  if (kept.length < MAX_KEPT_PAIRS) kept.push(buffers);
}

function requireRight(hash: Hash | undefined, check: ByteCheck | undefined): void {
  if (hash === undefined || check === undefined) return;
  const isRight = hash.digest('hex') === check.digest;
  check.onResult(isRight);
  if (!isRight) throw blobCorrupt();
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
