import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { Sighting } from '../cache/known-changes.ts';
import { isAvailable, requireAvailable, type AvailableMedia, type SeenRecord } from '../cache/records.ts';
import type { Gateway } from '../gateway.ts';

export interface Lookup {
  readonly uri: MxcUri;
  /** How long to wait for bytes that have not come yet. */
  readonly waitMs: number;
  /** Whether the requester showed a token; frozen media is for those alone. */
  readonly isAuthenticated: boolean;
}

export interface FoundMedia {
  readonly media: AvailableMedia;
  /** By which one can tell later whether it may still be shown. */
  readonly sighting: Sighting;
}

/**
 * Finds media that the requester may have, waiting for it if it is still being uploaded. Fails with NOT_FOUND, also for
 * media that is hidden or whose bytes are lost, or with NOT_YET_UPLOADED.
 */
export async function findMedia(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<FoundMedia> {
  const { uri, waitMs, isAuthenticated } = lookup;
  if (!gateway.tenants.isLocal(uri.origin)) throw notFound();
  const now = requireVisible(await gateway.records.get(uri));
  const sighting = isAvailable(now.record) ? now : requireVisible(await gateway.records.resolve(uri, waitMs, signal));
  const media = requireAvailable(sighting.record);
  if (media.content.frozen && !isAuthenticated) throw notFound();
  return { media, sighting };
}

function requireVisible(seen: SeenRecord | undefined): SeenRecord {
  if (seen === undefined || seen.record.quarantine !== undefined) throw notFound();
  if (seen.record.lost) throw new MediaError('NOT_FOUND', 'The bytes of this media are lost');
  return seen;
}

function notFound(): MediaError {
  return new MediaError('NOT_FOUND', 'No such media');
}
