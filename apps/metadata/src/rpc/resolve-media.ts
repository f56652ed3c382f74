import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { resolveMedia as resolve, type MediaSource } from '../usecases/resolve-media.ts';
import { invalid, parseAtLeast, parseKey } from './fields.ts';
import { toMessage } from './to-message.ts';

/** What a timer can wait. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Looks up one record, waiting while it is pending. */
export function resolveMedia(source: MediaSource): MetadataServiceImplementation['resolveMedia'] {
  return async (request, { signal }) => {
    const waitMs = parseAtLeast(0, 'wait_ms', request.waitMs);
    if (waitMs > MAX_WAIT_MS) throw invalid(`wait_ms must be at most ${MAX_WAIT_MS}`);
    return { record: toMessage(await resolve(source, { uri: parseKey(request.key), waitMs }, signal)) };
  };
}
