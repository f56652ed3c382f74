import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseClaim, parseKey } from './fields.ts';

/** Ends a claim whose upload failed. */
export function abandonUpload(store: MetadataStore): MetadataServiceImplementation['abandonUpload'] {
  return async (request, { signal }) => {
    await store.abandon(parseKey(request.key), parseClaim(request.claim), signal);
    return {};
  };
}
