import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MediaSource } from '../usecases/resolve-media.ts';
import { parseContent, parseKey, parseUserId } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Makes a reserved media id available, and wakes those who wait for it here. */
export function commitUpload({ store, waiters }: MediaSource): MetadataServiceImplementation['commitUpload'] {
  return async (request, { signal }) => {
    const uri = parseKey(request.key);
    const upload = { userId: parseUserId(request.userId), content: parseContent(request.content) };
    const media = await store.commit(uri, upload, signal);
    waiters.wake(media);
    return { record: toMessage(media) };
  };
}
