import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { VerdictState } from '@medley/proto/metadata/verdicts';
import type { Verdict, Verdicts } from '../ports/verdicts.ts';
import { parseVerdict, toVerdictMessage } from './verdict-message.ts';

/** Keeps what a content scanner says of bytes, or that it is to be asked, or need not be. */
export function putVerdict(verdicts: Verdicts): MetadataServiceImplementation['putVerdict'] {
  return async ({ verdict }, { signal }) => {
    if (verdict?.state !== VerdictState.WITHDRAWN) return toResponse(await verdicts.put(parseVerdict(verdict), signal));
    const digest = parseDigest(verdict.digest);
    await verdicts.withdraw(digest, signal);
    return toResponse(await verdicts.get(digest, signal));
  };
}

function toResponse(verdict: Verdict | undefined) {
  return { verdict: verdict && toVerdictMessage(verdict) };
}
