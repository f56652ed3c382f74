import { parseServerName } from '@medley/domain/server-name';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseAtLeast, parseContent, parseUserId } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Records a whole upload under a new media id. */
export function recordUpload(store: MetadataStore): MetadataServiceImplementation['recordUpload'] {
  return async (request, { signal }) => {
    const upload = {
      origin: parseServerName(request.origin),
      userId: parseUserId(request.userId),
      content: parseContent(request.content),
      ...(request.previewImage !== undefined && { expiresAt: parseAtLeast(1, 'expires_at_ms', request.previewImage.expiresAtMs) }),
    };
    return { record: toMessage(await store.record(upload, signal)) };
  };
}
