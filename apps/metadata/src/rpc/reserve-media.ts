import { parseServerName } from '@medley/domain/server-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseAtLeast, parseUserId } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Reserves a media id whose bytes come later. */
export function reserveMedia(store: MetadataStore): MetadataServiceImplementation['reserveMedia'] {
  return async (request, { signal }) => {
    const reservation = {
      origin: parseServerName(request.origin),
      userId: parseUserId(request.userId),
      unusedExpiresAt: parseAtLeast(1, 'unused_expires_at_ms', request.unusedExpiresAtMs),
      maxPending: parseAtLeast(0, 'max_pending', request.maxPending),
    };
    return { record: toMessage(await store.reserve(reservation, signal)) };
  };
}
