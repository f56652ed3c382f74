import type { MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaOrder } from '@medley/proto/metadata/catalog';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { BATCH_TIMEOUT_MS, stopwatch, type BulkAct, type BulkOutcome } from './bulk-act.ts';
import { mediaBatches } from './media-batches.ts';

/** Hides or shows some media with all that have the same bytes, and answers how many records that are; at most 1000 keys. */
export async function setQuarantine(gateway: Gateway, keys: MediaKey[], quarantined: boolean, { by, reason, signal }: Pick<BulkAct, 'by' | 'reason' | 'signal'>): Promise<number> {
  if (keys.length === 0) return 0;
  const request = { keys, digests: [], quarantined, by, reason };
  return (await gateway.services.metadata.setQuarantine(request, { signal, timeoutMs: BATCH_TIMEOUT_MS })).affectedCount;
}

/** Hides all media that a filter lets through and that is not hidden yet, batch after batch, until there is none or the time is over. */
export async function quarantineMatching(gateway: Gateway, filter: MediaFilter, act: BulkAct): Promise<BulkOutcome> {
  const hasTime = stopwatch(act);
  const open = { ...filter, quarantined: false, protected: false };
  let count = 0;
  for await (const { keys, isLast } of mediaBatches(gateway, { filter: open, order: MediaOrder.CREATED_AT }, act.signal)) {
    count += await setQuarantine(gateway, keys, true, act);
    if (!isLast && !hasTime()) return { count, isComplete: false };
  }
  return { count, isComplete: true };
}
