import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { ChangeSource } from './change-source.ts';
import { invalid, parseContent, parseKey } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Who we are: media of these server names is never another server's. */
export interface OwnNames {
  readonly ownNames: ReadonlySet<string>;
}

/** Records a copy of another server's media, and tells those who watch here: it may have been deleted before. */
export function recordRemoteMedia({ store, changes, ownNames }: ChangeSource & OwnNames): MetadataServiceImplementation['recordRemoteMedia'] {
  return async (request, { signal }) => {
    const uri = parseKey(request.key);
    if (ownNames.has(uri.origin)) throw invalid('media of our own is not remote');
    const media = await store.recordRemote(uri, parseContent(request.content, undefined), signal);
    changes.wake();
    return { record: toMessage(media) };
  };
}
