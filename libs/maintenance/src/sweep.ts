import { setTimeout as sleep } from 'node:timers/promises';
import { callLimits } from './call-limits.ts';
import { condemnOrphans } from './condemn-orphans.ts';
import { expireDerived } from './expire-derived.ts';
import type { JobContext, StoreContext } from './job.ts';
import { removeCondemned } from './remove-condemned.ts';
import { StoreTour } from './store-tour.ts';
import { sumOf } from './sum-of.ts';

/** Of all stores together. */
export interface SweepReport {
  /** Blobs that no record names and that wait for their removal now; in a dry run those that would. */
  readonly condemned: number;
  /** Blobs whose bytes are gone now; in a dry run those that would be, of which at most 1000 of each store are counted. */
  readonly removed: number;
  /** Condemned blobs that a record has come to name. */
  readonly spared: number;
  /** Blobs that storage could not remove now; a later sweep does. */
  readonly failed: number;
  /** Thumbnails and the like that were made longer than `derived_lifetime` ago; in a dry run those that would go. */
  readonly derivedRemoved: number;
  /** Of all that went. A dry run does not know it of condemned blobs. */
  readonly freedBytes: number;
  /** Files, objects and multipart uploads that unfinished uploads left behind. */
  readonly stagingRemoved: number;
}

export interface SweepOptions {
  /** Whether to wait for `removal_wait` in the end and remove what this very sweep has condemned. */
  readonly wait?: boolean;
}

/**
 * Removes bytes that nobody needs, in one store after the other: those condemned long enough ago, then condemns those that
 * no record names, then what was derived long ago; and at last what unfinished uploads left behind. What this sweep
 * condemns the next one removes. Where a store can't be swept the others are, and then this rejects.
 */
export async function sweep(context: JobContext, { wait = false }: SweepOptions = {}): Promise<SweepReport> {
  const tour = new StoreTour(context);
  const swept = await tour.visit(sweepStore);
  let staging = { removedCount: 0, freedBytes: 0 };
  await tour.attempt('what unfinished uploads left behind', async () => void (staging = await sweepStaging(context)));
  const later = wait && !context.dryRun && swept.length > 0 ? await removeLater(context, tour) : [];
  tour.conclude();
  return {
    condemned: Math.max(0, sumOf(swept, 'condemned') - sumOf(later, 'removed') - sumOf(later, 'spared')),
    removed: sumOf(swept, 'removed') + sumOf(later, 'removed'),
    spared: sumOf(swept, 'spared') + sumOf(later, 'spared'),
    failed: sumOf(swept, 'failed') + sumOf(later, 'failed'),
    freedBytes: sumOf(swept, 'freedBytes') + sumOf(later, 'freedBytes') + staging.freedBytes,
    derivedRemoved: sumOf(swept, 'derivedRemoved'),
    stagingRemoved: staging.removedCount,
  };
}

async function sweepStore(context: StoreContext) {
  const removal = await removeCondemned(context);
  const condemned = await condemnOrphans(context);
  const derived = await expireDerived(context);
  return { ...removal, condemned, derivedRemoved: derived.count, freedBytes: removal.freedBytes + derived.freedBytes };
}

async function sweepStaging(context: JobContext) {
  const { storage, settings, dryRun, onProgress } = context;
  const swept = await storage.sweepStaging({ begunBeforeMs: Date.now() - settings.staging_grace, dryRun }, callLimits.whole(context));
  onProgress({ step: 'staging', count: swept.removedCount });
  return swept;
}

const TICK_MS = 1000;

async function removeLater(context: JobContext, tour: StoreTour) {
  const waitMs = context.settings.removal_wait;
  const startedAt = performance.now();
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs = performance.now() - startedAt) {
    context.onProgress({ step: 'wait', count: Math.floor(waitedMs / 1000), fraction: waitedMs / waitMs });
    await sleep(Math.min(TICK_MS, waitMs - waitedMs), undefined, { signal: context.signal });
  }
  return tour.visit(removeCondemned);
}
