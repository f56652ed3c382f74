import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Verdicts } from '../ports/verdicts.ts';
import { toVerdictMessage } from './verdict-message.ts';

/** Looks up what is known of bytes. */
export function getVerdict(verdicts: Verdicts): MetadataServiceImplementation['getVerdict'] {
  return async ({ digest }, { signal }) => {
    const verdict = await verdicts.get(parseDigest(digest), signal);
    return { verdict: verdict && toVerdictMessage(verdict) };
  };
}
