import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { isAvailable, requireAvailable, toKey, type AvailableMedia } from '../cache/records.ts';
import type { Gateway } from '../gateway.ts';

export interface Lookup {
  readonly uri: MxcUri;
  /** How long to wait for bytes that have not come yet. */
  readonly waitMs: number;
  /** Whether the requester showed a token; frozen media is for those alone. */
  readonly isAuthenticated: boolean;
}

/** Beyond what metadata may wait itself. */
const CALL_MARGIN_MS = 2000;

/**
 * Finds media that the requester may have, waiting for it if it is still being uploaded. Fails with NOT_FOUND or
 * NOT_YET_UPLOADED.
 */
export async function findMedia(gateway: Gateway, lookup: Lookup, signal: AbortSignal): Promise<AvailableMedia> {
  if (!gateway.tenants.isLocal(lookup.uri.origin)) throw notFound();
  const record = await gateway.records.get(lookup.uri);
  if (record === undefined) throw notFound();
  const media = isAvailable(record) ? record : await waitForUpload(gateway, lookup, signal);
  if (media.content.frozen && !lookup.isAuthenticated) throw notFound();
  return media;
}

async function waitForUpload(gateway: Gateway, { uri, waitMs }: Lookup, signal: AbortSignal): Promise<AvailableMedia> {
  const request = { key: toKey(uri), waitMs };
  const { record } = await gateway.services.metadata.resolveMedia(request, { signal, timeoutMs: waitMs + CALL_MARGIN_MS });
  return requireAvailable(record);
}

function notFound(): MediaError {
  return new MediaError('NOT_FOUND', 'No such media');
}
