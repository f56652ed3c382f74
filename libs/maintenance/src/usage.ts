import { UsageGroup } from '@medley/proto/metadata/catalog';
import { callLimits } from './call-limits.ts';
import { fractionOf } from './digest-order.ts';
import type { JobContext, StoreContext } from './job.ts';
import { listDerived, listOriginals, listReferences } from './lists.ts';
import { StoreTour } from './store-tour.ts';
import { sumOf } from './sum-of.ts';

const GROUPS = { user: UsageGroup.USER, origin: UsageGroup.ORIGIN, type: UsageGroup.CONTENT_TYPE, kind: UsageGroup.KIND } as const;

/** By what the media can be told apart. */
export type UsageGrouping = keyof typeof GROUPS;

export const USAGE_GROUPINGS: readonly string[] = Object.keys(GROUPS);

/** What one user, origin, content type or kind has. */
export interface UsageGroupReport {
  /** Empty: media that no user of ours has uploaded. */
  readonly name: string;
  readonly media: number;
  readonly mediaBytes: number;
}

/** What lies in one store. */
export interface StoreUsageReport {
  /** Empty: the common one. */
  readonly name: string;
  readonly originals: number;
  readonly originalBytes: number;
  readonly derived: number;
  readonly derivedBytes: number;
}

/** What there is of media, blobs and bytes, in all stores together. */
export interface UsageReport {
  readonly media: number;
  /** The sum of their sizes, as if each had bytes of its own. */
  readonly mediaBytes: number;
  /** What is not stored twice, since media with the same bytes share them. */
  readonly savedBytes: number;
  /** Reserved media ids that wait for their bytes, and those that waited in vain. */
  readonly pending: number;
  readonly lapsed: number;
  readonly originals: number;
  readonly originalBytes: number;
  readonly derived: number;
  readonly derivedBytes: number;
  /** Blobs that wait for their removal. */
  readonly condemned: number;
  /** What uploads have in staging, those under way included. */
  readonly staging: number;
  readonly stagingBytes: number;
  /** What lies in which; none where all tenants share one. */
  readonly stores: readonly StoreUsageReport[];
  /** The largest in bytes first; none unless asked for. */
  readonly groups: readonly UsageGroupReport[];
}

/**
 * Counts what there is; changes nothing. Reads every record and lists every blob. Images of previews are not media here,
 * but their blobs are blobs.
 */
export async function measureUsage(context: JobContext, grouping?: { readonly by: UsageGrouping; readonly limit: number }): Promise<UsageReport> {
  const { metadata, storage } = context;
  const records = await metadata.getUsage(grouping === undefined ? {} : { group: GROUPS[grouping.by], limit: grouping.limit }, callLimits.whole(context));
  const tour = new StoreTour(context);
  const stores = await tour.visit(measureStore);
  tour.conclude();
  const staging = await storage.sweepStaging({ begunBeforeMs: Date.now(), dryRun: true }, callLimits.whole(context));
  return {
    media: records.mediaCount,
    mediaBytes: records.mediaBytes,
    savedBytes: sumOf(stores, 'savedBytes'),
    pending: records.pendingCount,
    lapsed: records.lapsedCount,
    originals: sumOf(stores, 'originals'),
    originalBytes: sumOf(stores, 'originalBytes'),
    derived: sumOf(stores, 'derived'),
    derivedBytes: sumOf(stores, 'derivedBytes'),
    condemned: records.condemnedCount,
    staging: staging.removedCount,
    stagingBytes: staging.freedBytes,
    stores: stores.length > 1 ? stores.map(({ savedBytes: _, ...one }) => one) : [],
    groups: records.rows.map(({ name, mediaCount, mediaBytes }) => ({ name, media: mediaCount, mediaBytes })),
  };
}

async function measureStore(context: StoreContext) {
  const savedBytes = await sumSaved(context);
  const [originals, derived] = [await sum(context, listOriginals(context)), await sum(context, listDerived(context))];
  return { name: context.store, savedBytes, originals: originals.count, originalBytes: originals.bytes, derived: derived.count, derivedBytes: derived.bytes };
}

async function sumSaved(context: StoreContext): Promise<number> {
  let bytes = 0;
  let count = 0;
  for await (const { digest, sizeBytes, mediaCount } of listReferences(context)) {
    bytes += sizeBytes * (mediaCount - 1);
    count += 1;
    context.onProgress({ step: 'references', count, fraction: fractionOf(digest) });
  }
  return bytes;
}

async function sum(context: StoreContext, blobs: AsyncIterable<{ readonly digest: string; readonly sizeBytes: number }>) {
  let [count, bytes] = [0, 0];
  for await (const { digest, sizeBytes } of blobs) {
    count += 1;
    bytes += sizeBytes;
    context.onProgress({ step: 'blobs', count, fraction: fractionOf(digest) });
  }
  return { count, bytes };
}
