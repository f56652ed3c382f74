import type { Gateway } from '../../gateway.ts';
import type { Lookup } from '../find-media.ts';
import { joinFill } from './join-fill.ts';

/** Whether what is lost of a media may be fetched from its server again. */
export function canHeal({ tenants }: Gateway, { uri, fetchFor }: Lookup): boolean {
  return fetchFor !== undefined && !tenants.isLocal(uri.origin) && !tenants.isOurs(uri.origin);
}

/** Fetches remote media anew whose bytes are lost: the same bytes mend its record, others replace it. Fails as a fill does. */
export async function heal(gateway: Gateway, { uri, waitMs, fetchFor }: Lookup, signal: AbortSignal): Promise<void> {
  if (fetchFor === undefined) return;
  const lostDigest = (await gateway.records.get(uri))?.record.content?.digest;
  await joinFill(gateway, { uri, waitMs, fetchFor, lostDigest }, (fill) => fill.recorded, signal);
}
