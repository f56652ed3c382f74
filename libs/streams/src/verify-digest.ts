import { createHash } from 'node:crypto';
import type { Digest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import type { ByteStream } from './byte-stream.ts';

/**
 * Passes the bytes of a whole blob on, but the last chunk only once all of them hash to `digest`: whoever counts bytes
 * never takes a corrupt blob for whole. Fails with BLOB_CORRUPT where they do not.
 */
export async function* verifyDigest(source: ByteStream, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let last: Uint8Array | undefined;
  for await (const chunk of source) {
    if (chunk.byteLength === 0) continue;
    if (last !== undefined) yield last;
    hash.update(chunk);
    last = chunk;
  }
  if (hash.digest('hex') !== digest) throw blobCorrupt();
  if (last !== undefined) yield last;
}

/** The refusal of bytes that are not what they were. */
export function blobCorrupt(): MediaError {
  return new MediaError('BLOB_CORRUPT', 'The bytes of this media are damaged');
}
