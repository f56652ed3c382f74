import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Leases } from '../ports/leases.ts';
import { parseActor, parseAtLeast, parseName } from './fields.ts';

/** Takes a lease, or keeps it. */
export function takeLease(leases: Leases): MetadataServiceImplementation['takeLease'] {
  return async ({ name, holder, ttlMs }, { signal }) => {
    const wish = { name: parseName(name), holder: parseActor(holder, 'holder'), ttlMs: parseAtLeast(1, 'ttl_ms', ttlMs) };
    const { isGranted, until } = await leases.take(wish, signal);
    return { granted: isGranted, untilMs: until };
  };
}
