import { CHUNK_BYTES } from '@medley/grpc/channel-options';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import { splitChunks } from '@medley/streams/byte-stream';
import type { Stores } from '../stores.ts';
import { parseKey, parseRange } from './parse-request.ts';

export function getBlob(stores: Stores): StorageServiceImplementation['getBlob'] {
  return async function* (request, { signal }) {
    const key = parseKey(request.key);
    const bytes = stores.of(key.store).open(key, parseRange(request.range), signal);
    for await (const chunk of splitChunks(bytes, CHUNK_BYTES)) yield { chunk };
  };
}
