import { callLimits } from './call-limits.ts';
import { fractionOf } from './digest-order.ts';
import type { JobContext } from './job.ts';
import { listDerived, listOriginals, listReferences } from './lists.ts';

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
}

/** Counts what there is; changes nothing. Reads every record and lists every blob. */
export async function measureUsage(context: JobContext): Promise<UsageReport> {
  const { metadata, storage } = context;
  const records = await metadata.getUsage({}, callLimits.whole(context));
  const savedBytes = await sumSaved(context);
  const [originals, derived] = [await sum(context, listOriginals(context)), await sum(context, listDerived(context))];
  const staging = await storage.sweepStaging({ begunBeforeMs: Date.now(), dryRun: true }, callLimits.whole(context));
  return {
    media: records.mediaCount,
    mediaBytes: records.mediaBytes,
    savedBytes,
    pending: records.pendingCount,
    lapsed: records.lapsedCount,
    originals: originals.count,
    originalBytes: originals.bytes,
    derived: derived.count,
    derivedBytes: derived.bytes,
    condemned: records.condemnedCount,
    staging: staging.removedCount,
    stagingBytes: staging.freedBytes,
  };
}

async function sumSaved(context: JobContext): Promise<number> {
  let bytes = 0;
  let count = 0;
  for await (const { digest, sizeBytes, mediaCount } of listReferences(context)) {
    bytes += sizeBytes * (mediaCount - 1);
    count += 1;
    context.onProgress({ step: 'references', count, fraction: fractionOf(digest) });
  }
  return bytes;
}

async function sum(context: JobContext, blobs: AsyncIterable<{ readonly digest: string; readonly sizeBytes: number }>) {
  let [count, bytes] = [0, 0];
  for await (const { digest, sizeBytes } of blobs) {
    count += 1;
    bytes += sizeBytes;
    context.onProgress({ step: 'blobs', count, fraction: fractionOf(digest) });
  }
  return { count, bytes };
}
