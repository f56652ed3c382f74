import type { RetentionConfig, RetentionRule } from '@medley/config/retention';
import { toMxcText } from '@medley/domain/mxc-uri';
import { MediaOrder, type MediaFilter } from '@medley/proto/metadata/catalog';
import type { MediaKey, MediaRecord } from '@medley/proto/metadata/media';
import { findAvatars } from '../avatars.ts';
import { callLimits } from '../call-limits.ts';
import type { JobContext } from '../job.ts';
import { matches } from '../matches.ts';
import { sumBytes, Tallies, type RetentionReport, type Tally } from './report.ts';
import { toKindFilter, toRuleFilter, toRuleOrder } from './retention-filter.ts';

type Metadata = Pick<JobContext['metadata'], 'listMedia' | 'listMediaUses' | 'deleteMedia' | 'getUsage'>;

export interface RetentionContext extends Pick<JobContext, 'onProgress' | 'signal' | 'dryRun'> {
  readonly metadata: Metadata;
  readonly retention: RetentionConfig;
  /** When it aborts, what has been done until then is the answer. */
  readonly until?: AbortSignal;
  /** Which media the report tells of; absent: all. */
  readonly isTold?: (record: MediaRecord) => boolean;
}

const PAGE = 500;
/** A budget that is exceeded is brought down to this part of it, so that it isn't again at once. */
const TARGET = 0.95;
const BY = 'retention';

/**
 * Removes media by the rules, in their order, then what lies above the budgets, the least recently used first. Protected and
 * quarantined media, avatars and what is not there yet always stay. Holds one page of records in memory. What it removed stays
 * removed when `signal` aborts, and the next run goes on. A dry run counts what a run would take, each media once.
 */
export async function applyRetention(context: RetentionContext): Promise<RetentionReport> {
  const { retention, signal, until = signal } = context;
  const run: Run = { ...context, signal: AbortSignal.any([signal, until]), now: Date.now(), tallies: new Tallies(retention, context.isTold), taken: [] };
  try {
    await applyRules(run);
    await keepBudgets(run);
    return run.tallies.toReport(true);
  } catch (error) {
    if (signal.aborted || !until.aborted) throw error;
    return run.tallies.toReport(false);
  }
}

interface Run extends RetentionContext {
  readonly now: number;
  readonly tallies: Tallies;
  /** What earlier rules have taken. In a dry run it is still there, and must not be taken again. */
  readonly taken: MediaFilter[];
}

/** From where a page is taken, and for what. */
interface Source {
  readonly filter: MediaFilter;
  readonly order: MediaOrder;
}

interface Removal {
  readonly kind: RetentionRule['kind'];
  /** For the log of what happened. */
  readonly reason: string;
}

async function applyRules(run: Run): Promise<void> {
  for (const { rule, tally } of run.tallies.rules) {
    const source = { filter: toRuleFilter(rule, run.now), order: toRuleOrder(rule) };
    for await (const page of listPages(run, source)) {
      tally.add(await remove(run, page, { kind: rule.kind, reason: rule.name }));
      run.onProgress({ step: 'rule', count: tally.mediaCount });
    }
    run.taken.push(source.filter);
  }
}

async function keepBudgets(run: Run): Promise<void> {
  for (const { kind, maxBytes, tally } of run.tallies.budgets) {
    const filter = toKindFilter(kind);
    const { mediaBytes } = await run.metadata.getUsage({ filter: { ...EVERYTHING, kinds: filter.kinds } }, callLimits.whole(run));
    const usedBytes = mediaBytes - (run.dryRun ? freedByRules(run, kind) : 0);
    if (usedBytes > maxBytes) await evict(run, { kind, tally, filter, excessBytes: usedBytes - Math.floor(maxBytes * TARGET) });
    tally.excessBytes = Math.max(0, usedBytes - tally.freedBytes - maxBytes);
  }
}

const EVERYTHING: MediaFilter = { kinds: [], origins: [], userIds: [] };

function freedByRules({ tallies }: Run, kind: RetentionRule['kind']): number {
  return tallies.rules.reduce((sum, { rule, tally }) => sum + (rule.kind === kind ? tally.freedBytes : 0), 0);
}

interface Eviction {
  readonly kind: RetentionRule['kind'];
  readonly tally: Tally;
  readonly filter: MediaFilter;
  readonly excessBytes: number;
}

async function evict(run: Run, { kind, tally, filter, excessBytes }: Eviction): Promise<void> {
  for await (const page of listPages(run, { filter, order: MediaOrder.LAST_ACCESS })) {
    for (let rest = page; rest.length > 0 && tally.freedBytes < excessBytes;) {
      const next = takeBytes(rest, excessBytes - tally.freedBytes);
      tally.add(await remove(run, next, { kind, reason: 'budget' }));
      run.onProgress({ step: 'budget', count: tally.mediaCount, fraction: Math.min(1, tally.freedBytes / excessBytes) });
      rest = rest.slice(next.length);
    }
    if (tally.freedBytes >= excessBytes) return;
  }
}

/** The first of some records, as many as it takes to reach so many bytes. */
function takeBytes(records: readonly MediaRecord[], bytes: number): readonly MediaRecord[] {
  let sum = 0;
  const count = records.findIndex((record) => (sum += sumBytes([record])) >= bytes) + 1;
  return count === 0 ? records : records.slice(0, count);
}

async function* listPages(run: Run, source: Source): AsyncGenerator<readonly MediaRecord[]> {
  let after: string | undefined;
  do {
    const request = { ...source, after, limit: PAGE, descending: false, withTotal: false };
    const { records, next } = await run.metadata.listMedia(request, callLimits.batch(run));
    yield run.dryRun ? records.filter((record) => !run.taken.some((filter) => matches(filter, record))) : records;
    after = next;
  } while (after !== undefined);
}

/** Removes those of some media that are nobody's avatar, and answers with those that are gone now. Only what was uploaded here goes into the trash: all else can be had again. */
async function remove(run: Run, records: readonly MediaRecord[], { kind, reason }: Removal): Promise<readonly MediaRecord[]> {
  if (records.length === 0) return [];
  const avatars = await findAvatars(run.metadata, toKeys(records), run.signal);
  const going = records.filter(({ key }) => key !== undefined && !avatars.has(toMxcText(key)));
  if (run.dryRun || going.length === 0) return going;
  const trashMs = kind === 'local' ? run.retention.trash : undefined;
  const { deleted } = await run.metadata.deleteMedia({ keys: toKeys(going), by: BY, reason, trashMs }, callLimits.batch(run));
  const gone = new Set(deleted.map(toMxcText));
  return going.filter(({ key }) => key !== undefined && gone.has(toMxcText(key)));
}

function toKeys(records: readonly MediaRecord[]): MediaKey[] {
  return records.flatMap(({ key }) => key ?? []);
}
