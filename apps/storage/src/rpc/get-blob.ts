import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import { splitChunks } from '@medley/streams/byte-stream';
import type { BlobStore } from '../ports/blob-store.ts';
import { parseKey, parseRange } from './parse-request.ts';

export function getBlob(store: BlobStore): StorageServiceImplementation['getBlob'] {
  return async function* (request, { signal }) {
    const bytes = store.open(parseKey(request.key), parseRange(request.range), signal);
    for await (const chunk of splitChunks(bytes, CHUNK_BYTES)) yield { chunk };
  };
}
