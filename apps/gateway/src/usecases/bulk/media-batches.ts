import type { MediaFilter, MediaOrder } from '@medley/proto/metadata/catalog';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { requireRecord } from '../require-record.ts';
import { BATCH } from './bulk-act.ts';

/** Which media, in which order, and which part of them. */
export interface BatchListing {
  readonly filter: MediaFilter;
  readonly order: MediaOrder;
  readonly descending?: boolean;
  /** How many to pass over. */
  readonly offset?: number;
  /** How many at most. */
  readonly limit?: number;
}

export interface Batch {
  readonly keys: MediaKey[];
  readonly isLast: boolean;
}

const PAGE_TIMEOUT_MS = 30_000;

/** Lists media in batches; what happens to those of a batch does not disturb the next. */
export async function* mediaBatches({ services }: Gateway, listing: BatchListing, signal: AbortSignal): AsyncGenerator<Batch> {
  const { filter, order, descending = false, offset } = listing;
  let left = listing.limit ?? Infinity;
  let after: string | undefined;
  while (left > 0) {
    const place = after === undefined ? { offset } : { after };
    const request = { filter, order, descending, ...place, limit: Math.min(BATCH, left), withTotal: false };
    const { records, next } = await services.metadata.listMedia(request, { signal, timeoutMs: PAGE_TIMEOUT_MS });
    left -= records.length;
    yield { keys: records.map(({ key }) => requireRecord(key)), isLast: next === undefined || left <= 0 };
    if (next === undefined) return;
    after = next;
  }
}
