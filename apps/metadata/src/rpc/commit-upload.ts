import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { awaitsVerdict } from '../domain/media-record.ts';
import type { MediaSource } from '../usecases/resolve-media.ts';
import { parseKey, parseUploaded, parseUserId } from './fields.ts';
import { toUploadedMessage } from './to-message.ts';

/** Makes a reserved media id available, and wakes those who wait for it here. */
export function commitUpload({ store, waiters }: MediaSource): MetadataServiceImplementation['commitUpload'] {
  return async (request, { signal }) => {
    const uri = parseKey(request.key);
    const upload = { userId: parseUserId(request.userId), content: parseUploaded(request, uri.origin) };
    const media = await store.commit(uri, upload, signal);
    if (!awaitsVerdict(media)) waiters.wake(media);
    return { record: toUploadedMessage(media) };
  };
}
