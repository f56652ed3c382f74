import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { parseAtLeast, parseKey, parseUserId } from './fields.ts';

/** Keeps a reserved media id alive while it is uploaded to. */
export function claimUpload(store: MetadataStore): MetadataServiceImplementation['claimUpload'] {
  return async (request, { signal }) => {
    const uri = parseKey(request.key);
    const claim = { userId: parseUserId(request.userId), claimMs: parseAtLeast(1, 'claim_ms', request.claimMs) };
    return { claim: await store.claim(uri, claim, signal) };
  };
}
