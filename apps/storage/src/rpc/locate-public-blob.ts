import { MediaError } from '@medley/domain/media-error';
import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { Stores } from '../stores.ts';
import { parseKey } from './parse-request.ts';

const MIN_TTL_MS = 1000;
const MAX_TTL_MS = 3_600_000;

export function locatePublicBlob(stores: Stores): StorageServiceImplementation['locatePublicBlob'] {
  return async ({ key: named, contentType, contentDisposition: disposition, ttlMs }, { signal }) => {
    const key = parseKey(named);
    if (ttlMs < MIN_TTL_MS || ttlMs > MAX_TTL_MS) throw new MediaError('INVALID_PARAM', `ttl_ms must be from ${MIN_TTL_MS} to ${MAX_TTL_MS}`);
    const store = stores.of(key.store);
    const [url, sizeBytes] = await Promise.all([store.locatePublic(key, { contentType, disposition }, ttlMs), store.stat(key, signal)]);
    return { sizeBytes, http: url === undefined ? undefined : { url, expiresAtMs: Date.now() + ttlMs } };
  };
}
