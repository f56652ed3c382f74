import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Leases } from '../ports/leases.ts';
import { parseActor, parseName } from './fields.ts';

/** Gives a lease back. */
export function releaseLease(leases: Leases): MetadataServiceImplementation['releaseLease'] {
  return async ({ name, holder }, { signal }) => {
    await leases.release(parseName(name), parseActor(holder, 'holder'), signal);
    return {};
  };
}
