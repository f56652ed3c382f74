import { MediaError } from '@medley/domain/media-error';

/** How bytes travel inside our walls. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Passes chunks on and fails with TOO_LARGE before yielding the one that crosses `maxBytes`. */
export async function* limitBytes(source: ByteStream, maxBytes: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

export function tooLarge(maxBytes: number): MediaError {
  return new MediaError('TOO_LARGE', `Larger than the limit of ${maxBytes} bytes`);
}

/** Collects a stream of at most `maxBytes`; fails with TOO_LARGE beyond. */
export async function collectBytes(source: ByteStream, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limitBytes(source, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Passes chunks on, none beyond `sizeBytes`, and fails with BLOB_CORRUPT unless they are `sizeBytes` in all: a stream that stops is not a stream that finished. */
export async function* expectBytes(source: ByteStream, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const chunk of source) {
    seenBytes += chunk.byteLength;
    if (seenBytes > sizeBytes) break;
    yield chunk;
  }
  if (seenBytes !== sizeBytes) {
    throw new MediaError('BLOB_CORRUPT', `Read ${seenBytes} bytes where ${sizeBytes} were expected`);
  }
}

/** Cuts chunks so that none is larger than `maxChunkBytes`; never joins. */
export async function* splitChunks(source: ByteStream, maxChunkBytes: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.byteLength; at += maxChunkBytes) yield chunk.subarray(at, at + maxChunkBytes);
  }
}

/** A stream of the bytes at hand. */
export async function* fromBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
