import { isFederated } from '@medley/domain/federation-rules';
import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import { requireAvailable } from '../../cache/records.ts';
import type { Gateway } from '../../gateway.ts';
import type { FoundMedia, Lookup } from '../find-media.ts';
import { checkVisible, lost, notFound, type Rights } from '../visibility.ts';
import type { Arrival, Fill } from './fill.ts';
import { joinFill, type FillWish } from './join-fill.ts';

/** Remote media whose server has answered, and whose bytes are coming. */
export interface Arriving extends Arrival {
  readonly fill: Fill;
}

/** Finds media of another server: here, or else there, if the look-up names for whom. Waits until all of it is here. */
export async function findRemote(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia> {
  const here = await lookHere(gateway, lookup);
  if (!('fetchFor' in here)) return here;
  return joinFill(gateway, here, (fill) => untilRecorded(fill, lookup, signal), signal);
}

/** The same, but waits only until its server has answered. */
export async function seekRemote(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia | Arriving> {
  const here = await lookHere(gateway, lookup);
  if (!('fetchFor' in here)) return here;
  return joinFill(gateway, here, async (fill) => ({ fill, ...(await fill.arrival) }), signal);
}

/** Waits until a fill has recorded its media. Fails with NOT_FOUND if it may not be shown, or as the fill does. */
export async function untilRecorded(fill: Fill, rights: Rights, signal: AbortSignal): Promise<FoundMedia> {
  const sighting = await orAbort(fill.recorded, signal);
  checkVisible(sighting.record, rights);
  if (sighting.record.lost) throw lost();
  return { media: requireAvailable(sighting.record), sighting };
}

/** The media if it is here, else the wish that it were. Who may not have it, or may not let it be fetched, is refused before any server is asked. */
export async function lookHere(gateway: Gateway, lookup: Lookup): Promise<FoundMedia | FillWish> {
  const { uri, waitMs, fetchFor } = lookup;
  if (!isFederated(uri.origin, gateway.config.federation)) throw new MediaError('FORBIDDEN', `Federation denied with ${uri.origin}.`);
  const underWay = gateway.remote.fills.get(uri);
  const { seen, isBanned } = await gateway.records.find(uri);
  if (isBanned) throw notFound();
  if (seen !== undefined) {
    checkVisible(seen.record, lookup);
    if (!seen.record.lost) return { media: requireAvailable(seen.record), sighting: seen };
  }
  // We never ask ourselves, and nobody for whom nothing may be fetched makes us ask.
  if (fetchFor === undefined || gateway.tenants.isOurs(uri.origin)) throw seen === undefined ? notFound() : lost();
  gateway.scanning.requireUnrejected(uri);
  if (seen === undefined && underWay === undefined) gateway.scanning.requireScanner();
  return { uri, waitMs, fetchFor, underWay, lostDigest: seen?.record.content?.digest };
}
