import type { BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { parseStoreName } from '@medley/domain/store-name';
import type { PutBlobHeader, PutBlobRequest, StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';
import { parseCount, parseKey } from './parse-request.ts';

export function putBlob(stores: Stores): StorageServiceImplementation['putBlob'] {
  return async (request, { signal }) => {
    const parts = request[Symbol.asyncIterator]();
    const header = await readHeader(parts);
    const maxBytes = parseCount('max_bytes', header.maxBytes);
    const derivedKey = parseDerivedKey(header);
    const store = stores.of(derivedKey?.store ?? parseStoreName(header.store));
    return { blob: await store.put(readChunks(parts), { maxBytes, derivedKey, isCopy: header.isCopy }, signal) };
  };
}

async function readHeader(parts: AsyncIterator<PutBlobRequest>): Promise<PutBlobHeader> {
  const first = await parts.next();
  if (first.done === true) throw new MediaError('UPLOAD_INCOMPLETE', 'The stream ended before its header');
  if (first.value.part?.$case !== 'header') throw new MediaError('INVALID_PARAM', 'The first part must be the header');
  return first.value.part.value;
}

function parseDerivedKey({ derivedKey: key, store }: PutBlobHeader): BlobAddress | undefined {
  if (key === undefined) return undefined;
  if (store !== '' && store !== key.store) throw new MediaError('INVALID_PARAM', 'store and derived_key.store differ');
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
