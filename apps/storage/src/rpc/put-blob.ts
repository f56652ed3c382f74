import { MediaError } from '@medley/domain/media-error';
import type { PutBlobHeader, PutBlobRequest, StorageServiceImplementation } from '@medley/proto/storage';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseCount, parseKey } from './parse-request.ts';

export function putBlob(store: BlobStore): StorageServiceImplementation['putBlob'] {
  return async (request, { signal }) => {
    const parts = request[Symbol.asyncIterator]();
    const { maxBytes, derivedKey, isCopy } = await readHeader(parts);
    const options = {
      maxBytes: parseCount('max_bytes', maxBytes),
      derivedKey: derivedKey === undefined ? undefined : parseDerivedKey(derivedKey),
      isCopy,
    };
    return { blob: await store.put(readChunks(parts), options, signal) };
  };
}

async function readHeader(parts: AsyncIterator<PutBlobRequest>): Promise<PutBlobHeader> {
  const first = await parts.next();
  if (first.done === true) throw new MediaError('UPLOAD_INCOMPLETE', 'The stream ended before its header');
  if (first.value.part?.$case !== 'header') throw new MediaError('INVALID_PARAM', 'The first part must be the header');
  return first.value.part.value;
}

function parseDerivedKey(key: NonNullable<PutBlobHeader['derivedKey']>) {
  if (key.derivation === '') throw new MediaError('INVALID_PARAM', 'derived_key needs a derivation: an original is named by what it contains');
  return parseKey(key);
}

/**
 * Yields the chunks and fails unless the trailer confirms them. A cancelled upload ends the stream the same way a
 * finished one does, so without the trailer we would store half a blob.
 */
async function* readChunks(parts: AsyncIterator<PutBlobRequest>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    const { part } = next.value;
    if (part?.$case === 'trailer' && part.value.sizeBytes === sizeBytes) return;
    if (part?.$case !== 'chunk') break;
    sizeBytes += part.value.byteLength;
    yield part.value;
  }
  throw new MediaError('UPLOAD_INCOMPLETE', `The stream ended after ${sizeBytes} bytes without a matching trailer`);
}
