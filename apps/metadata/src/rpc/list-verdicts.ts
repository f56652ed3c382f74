import { parseDigest } from '@medley/domain/digest';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Verdicts } from '../ports/verdicts.ts';
import { parseLimit } from './fields.ts';
import { parseState, toVerdictMessage } from './verdict-message.ts';

/** Lists verdicts of one state, by digest. */
export function listVerdicts(verdicts: Verdicts): MetadataServiceImplementation['listVerdicts'] {
  return async ({ state, limit, afterDigest }, { signal }) => {
    const after = afterDigest === undefined ? '' : parseDigest(afterDigest);
    const found = await verdicts.list({ state: parseState(state), limit: parseLimit(limit), after }, signal);
    return { verdicts: found.map(toVerdictMessage) };
  };
}
