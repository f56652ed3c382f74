import type { StorageServiceImplementation } from '@medley/proto/storage';
import type { DataLinks } from '../data/links.ts';
import { parseCount } from './parse-request.ts';

export function locateUpload(links: DataLinks): StorageServiceImplementation['locateUpload'] {
  return async ({ maxBytes, isCopy }) => ({ http: links.toUpload(parseCount('max_bytes', maxBytes), isCopy) });
}
