import type { MxcUri } from '@medley/domain/mxc-uri';
import { requireLive, type AvailableMedia } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { lookUp } from './look-up.ts';
import { notYetUploaded, type Waiters } from './waiters.ts';

/** Where media is looked up, and waited for. */
export interface MediaSource {
  readonly store: MetadataStore;
  readonly waiters: Waiters;
}

/** What is looked up, and how patiently. */
export interface Lookup {
  readonly uri: MxcUri;
  /** The longest wait in milliseconds; 0 answers at once. */
  readonly waitMs: number;
}

/**
 * Looks up one media, waiting while it is pending. Throws NOT_FOUND, NOT_YET_UPLOADED, BUSY, what the store throws, and
 * the reason of `signal`.
 */
export async function resolveMedia({ store, waiters }: MediaSource, { uri, waitMs }: Lookup, signal: AbortSignal): Promise<AvailableMedia> {
  const [found] = await lookUp(store, [uri], signal);
  const record = requireLive(found, Date.now());
  if (record.state === 'available') return record;
  if (waitMs === 0) throw notYetUploaded();
  return waiters.wait(uri, waitMs, signal);
}
