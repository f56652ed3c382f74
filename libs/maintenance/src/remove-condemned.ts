import { faultPoint } from '@medley/fault-points/fault-point';
import type { Removal } from '@medley/proto/metadata';
import type { DeleteBlobResponse } from '@medley/proto/storage';
import { callLimits } from './call-limits.ts';
import { BATCH, type StoreContext } from './job.ts';
import { mapInOrder } from './map-in-order.ts';

/** How many removals are under way at once. */
const AT_ONCE = 4;

export interface RemovalCounts {
  readonly removed: number;
  readonly spared: number;
  readonly failed: number;
  readonly freedBytes: number;
}

interface Removed {
  /** Of which nothing is left. */
  readonly digests: readonly string[];
  /** How many of them were there. */
  readonly removed: number;
  readonly freedBytes: number;
}

/**
 * Removes from a store what was condemned at least `removal_wait` ago and is still named by no record. A removal that is not known to
 * have succeeded stays claimed, so that no record can come to name half-removed bytes, and is taken up again by a sweep
 * after `removal_retry`.
 */
export async function removeCondemned(context: StoreContext): Promise<RemovalCounts> {
  const { metadata, store, settings, dryRun, onProgress } = context;
  const request = { store, waitMs: settings.removal_wait, claimMs: settings.removal_retry, limit: BATCH, dryRun };
  let counts: RemovalCounts = { removed: 0, spared: 0, failed: 0, freedBytes: 0 };
  for (;;) {
    const { removals, sparedCount } = await metadata.claimRemovals(request, callLimits.batch(context));
    counts = { ...counts, spared: counts.spared + sparedCount };
    if (dryRun) return { ...counts, removed: removals.length };
    // A batch that fails as a whole might be handed out again at once, where `removal_retry` is short.
    if (removals.length === 0 && sparedCount === 0) return counts;
    const { digests, removed, freedBytes } = await removeBytes(context, removals);
    counts = { ...counts, removed: counts.removed + removed, failed: counts.failed + removals.length - digests.length, freedBytes: counts.freedBytes + freedBytes };
    onProgress({ step: 'remove', count: counts.removed });
    if (removals.length > 0 && digests.length === 0) return counts;
  }
}

async function removeBytes(context: StoreContext, removals: readonly Removal[]): Promise<Removed> {
  if (removals.length === 0) return { digests: [], removed: 0, freedBytes: 0 };
  await faultPoint('sweep.claimed');
  const digests: string[] = [];
  let [removed, freedBytes] = [0, 0];
  for await (const { digest, freed } of mapInOrder(removals, AT_ONCE, (removal) => removeOne(context, removal))) {
    if (freed === undefined) continue;
    digests.push(digest);
    // Nothing, where another sweep was faster: it had condemned what it then saw being removed.
    removed += Number(freed.removed);
    freedBytes += freed.freedBytes;
  }
  await faultPoint('sweep.removed');
  if (digests.length > 0) await context.metadata.finishRemovals({ digests, store: context.store }, callLimits.batch(context));
  return { digests, removed, freedBytes };
}

/** `freed` is absent where storage could not do it now. */
async function removeOne(context: StoreContext, { digest, storedAtMs }: Removal): Promise<{ readonly digest: string; readonly freed?: DeleteBlobResponse }> {
  try {
    const request = { key: { digest, derivation: '', store: context.store }, withDerived: true, storedAtMs };
    return { digest, freed: await context.storage.deleteBlob(request, callLimits.batch(context)) };
  } catch (error) {
    context.signal.throwIfAborted();
    context.log.warn({ err: error, digest }, 'could not remove a blob');
    return { digest };
  }
}
