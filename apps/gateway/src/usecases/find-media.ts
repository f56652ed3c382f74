import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Sighting } from '../cache/known-changes.ts';
import { isAvailable, requireAvailable, type AvailableMedia, type SeenRecord } from '../cache/records.ts';
import type { Gateway } from '../gateway.ts';
import { findRemote, seekRemote, type Arriving } from './remote/find-remote.ts';
import type { FetchFor } from './remote/join-fill.ts';
import { checkVisible, lost, notFound, type Rights } from './visibility.ts';

export interface Lookup extends Rights {
  readonly uri: MxcUri;
  /** How long to wait for bytes that have not come yet. */
  readonly waitMs: number;
  /** For whom media of another server is fetched if it is not here; absent: it is not. */
  readonly fetchFor?: FetchFor | undefined;
}

export interface FoundMedia {
  readonly media: AvailableMedia;
  /** By which one can tell later whether it may still be shown. */
  readonly sighting: Sighting;
}

/**
 * Finds media that the requester may have, waiting for it if it is still being uploaded, or fetched. Fails with NOT_FOUND,
 * also for media that is hidden or whose bytes are lost, with NOT_YET_UPLOADED; for media of another server also with
 * FORBIDDEN, RATE_LIMITED, or as FetchMedia does.
 */
export async function findMedia(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia> {
  const isLocal = gateway.tenants.isLocal(lookup.uri.origin);
  const found = isLocal ? await findLocal(gateway, lookup, signal) : await findRemote(gateway, lookup, signal);
  gateway.accesses.mark(found.sighting.name);
  return found;
}

/** The same, but does not wait for media of another server to have arrived as a whole. */
export async function seekMedia(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia | Arriving> {
  if (gateway.tenants.isLocal(lookup.uri.origin)) return findMedia(gateway, lookup, signal);
  const found = await seekRemote(gateway, lookup, signal);
  if ('sighting' in found) gateway.accesses.mark(found.sighting.name);
  return found;
}

async function findLocal(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia> {
  const { uri, waitMs } = lookup;
  const now = requireVisible(await gateway.records.get(uri), lookup);
  const sighting = isAvailable(now.record) ? now : requireVisible(await gateway.records.resolve(uri, waitMs, signal), lookup);
  return { media: requireAvailable(sighting.record), sighting };
}

function requireVisible(seen: SeenRecord | undefined, rights: Rights): SeenRecord {
  if (seen === undefined) throw notFound();
  checkVisible(seen.record, rights);
  if (seen.record.lost) throw lost();
  return seen;
}
