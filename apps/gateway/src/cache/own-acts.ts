import { toMxcText } from '@medley/domain/mxc-uri';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Services } from '../services.ts';
import type { KnownChanges } from './known-changes.ts';

interface Named {
  readonly keys?: readonly MediaKey[] | undefined;
  readonly digests?: readonly string[] | undefined;
}

/** Metadata for a gateway that knows at once what it does itself to media: whoever acts and then looks never sees the state before. */
export function withOwnActs(metadata: Services['metadata'], changes: KnownChanges): Services['metadata'] {
  const knowing = <Request extends Named, Options, Answer>(act: (request: Request, options?: Options) => Promise<Answer>) =>
    async (request: Request, options?: Options): Promise<Answer> => {
      try {
        return await act(request, options);
      } finally {
        // also of a failure, which may be that of the answer alone
        changes.noteOwn([...(request.keys ?? []).map(toMxcText), ...(request.digests ?? [])]);
      }
    };
  return {
    ...metadata,
    setQuarantine: knowing(metadata.setQuarantine),
    deleteMedia: knowing(metadata.deleteMedia),
    restoreMedia: knowing(metadata.restoreMedia),
  };
}
