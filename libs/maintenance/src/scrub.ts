import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import { listDerivedWithoutSource } from './derived-without-source.ts';
import { fractionOf } from './digest-order.ts';
import { examine, type Examination } from './examine.ts';
import { isDamage, type Problem } from './finding.ts';
import type { JobContext, StoreContext } from './job.ts';
import { isMissing } from './read-blob.ts';
import { listOriginals, listReferences, type ListedBlob } from './lists.ts';
import { mapInOrder } from './map-in-order.ts';
import { mergeByDigest } from './merge-by-digest.ts';
import { repair } from './repair.ts';
import { EMPTY_SCRUB_REPORT, MAX_TOLD, withFinding, type ScrubReport } from './scrub-report.ts';
import { StoreTour } from './store-tour.ts';

/** A store, a place in the order of its digests, and what was found up to there. */
export interface ScrubPosition {
  readonly store: StoreName;
  readonly after: string;
  readonly report: ScrubReport;
}

export interface ScrubOptions {
  /** Whether to do about findings what can be done; not in a dry run. */
  readonly repair?: boolean;
  /** How many originals are read at once. */
  readonly concurrency?: number;
  /** Where to begin; default: at the first digest of the first store. */
  readonly from?: ScrubPosition | undefined;
  /** Is told of every digest that is done, and awaited: a scrub that goes on from there misses nothing. Hears no more once a store has failed. */
  readonly onPosition?: (position: ScrubPosition) => Promise<void> | void;
}

const DEFAULT_CONCURRENCY = 2;

/**
 * Compares all records with all bytes, one store after the other, both ways and in the order of digests, reads every original
 * again, and looks for derived blobs without a source. Keeps a few items in memory, however many there are. What it reports
 * is true of a live system too; what it does not report may have come while it looked. Where a store can't be scrubbed the
 * others are, then the log tells the damage that was found there, and this rejects.
 */
export async function scrub(context: JobContext, options: ScrubOptions = {}): Promise<ScrubReport> {
  const { from, onPosition, ...rest } = options;
  const stores = context.stores.filter((store) => from === undefined || store >= from.store);
  const tour = new StoreTour({ ...context, stores });
  let report = from?.report ?? EMPTY_SCRUB_REPORT;
  await tour.visit(async (within) => {
    // Whoever goes on later must come to what has failed.
    const positions = onPosition === undefined || tour.hasFailed ? {} : { onPosition };
    report = await scrubStore(within, report, { ...rest, ...positions, from: from?.store === within.store ? from : undefined });
  });
  if (tour.hasFailed) tellDamage(context, report);
  tour.conclude();
  return report;
}

function tellDamage({ log }: JobContext, { findings }: ScrubReport): void {
  for (const { kind, store, digest, repaired } of findings.filter(isDamage).slice(0, MAX_TOLD)) log.warn({ kind, store, digest, repaired }, 'media is lost or damaged');
}

async function scrubStore(context: StoreContext, before: ScrubReport, options: ScrubOptions): Promise<ScrubReport> {
  const { concurrency = DEFAULT_CONCURRENCY, from } = options;
  let report = before;
  const pairs = mergeByDigest(listReferences(context, from?.after), listOriginals(context, from?.after));
  for await (const examination of mapInOrder(pairs, concurrency, (pair) => examine(context, pair))) {
    report = await conclude(context, withExamination(report, examination), examination.problem, options);
    const { digest } = examination;
    await options.onPosition?.({ store: context.store, after: digest, report });
    context.onProgress({ step: 'verify', count: report.checked, fraction: fractionOf(digest) });
  }
  return scrubDerived(context, report, options);
}

async function scrubDerived(context: StoreContext, before: ScrubReport, options: ScrubOptions): Promise<ScrubReport> {
  let report = before;
  for await (const derived of listDerivedWithoutSource(context)) {
    if (await isTooSoon(context, derived)) continue;
    const { digest, derivation } = derived;
    report = await conclude(context, report, { kind: 'derived-without-source', digest, derivation, mediaCount: 0 }, options);
    context.onProgress({ step: 'derived', count: report.counts['derived-without-source'], fraction: fractionOf(digest) });
  }
  return report;
}

/** Its source may be there since, or the removal of both may be under way. */
async function isTooSoon(context: StoreContext, { digest, storedAtMs }: ListedBlob): Promise<boolean> {
  return storedAtMs >= Date.now() - context.settings.orphan_grace || !(await isMissing(context, digest));
}

async function conclude(context: StoreContext, report: ScrubReport, problem: Problem | undefined, options: ScrubOptions): Promise<ScrubReport> {
  if (problem === undefined) return report;
  const repaired = options.repair === true && !context.dryRun && (await repair(context, problem));
  return withFinding(report, { ...problem, ...(context.store !== COMMON_STORE && { store: context.store }), repaired });
}

function withExamination(report: ScrubReport, { verifiedBytes, orphanBytes, isKnownLost, isUnreadable }: Examination): ScrubReport {
  return {
    ...report,
    checked: report.checked + 1,
    verified: report.verified + Number(verifiedBytes !== undefined),
    verifiedBytes: report.verifiedBytes + (verifiedBytes ?? 0),
    orphans: report.orphans + Number(orphanBytes !== undefined),
    orphanBytes: report.orphanBytes + (orphanBytes ?? 0),
    knownLost: report.knownLost + Number(isKnownLost === true),
    unreadable: report.unreadable + Number(isUnreadable === true),
  };
}
