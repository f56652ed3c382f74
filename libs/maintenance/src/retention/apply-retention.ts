import { toTrashTimes } from '@medley/config/trash-times';
import { MediaOrder, type MediaFilter } from '@medley/proto/metadata/catalog';
import type { MediaRecord } from '@medley/proto/metadata/media';
import { callLimits } from '../call-limits.ts';
import { lastUseOf, matches } from '../matches.ts';
import { remove } from './remove.ts';
import { sumBytes, Tallies, type CountedBudget, type RetentionReport } from './report.ts';
import { toBudgetFilter, toRuleFilter, toRuleOrder } from './retention-filter.ts';
import type { RetentionContext, Run } from './run.ts';

const PAGE = 500;
/** A budget that is exceeded is brought down to this part of it, so that it isn't again at once. */
const TARGET = 0.95;

/**
 * Removes media by the rules, in their order, then what lies above the budgets, the least recently used first. Protected and
 * quarantined media, avatars and what is not there yet always stay. Holds one page of records in memory. What it removed stays
 * removed when `signal` aborts, and the next run goes on. A dry run counts what a run would take, each media once.
 */
export async function applyRetention(context: RetentionContext): Promise<RetentionReport> {
  const { signal, until = signal } = context;
  const tallies = new Tallies(context, context.isTold);
  const run: Run = { ...context, signal: AbortSignal.any([signal, until]), now: Date.now(), trashOf: toTrashTimes(context), tallies, taken: [] };
  try {
    await applyRules(run);
    await keepBudgets(run);
    return tallies.toReport(true);
  } catch (error) {
    if (signal.aborted || !until.aborted) throw error;
    return tallies.toReport(false);
  }
}

async function applyRules(run: Run): Promise<void> {
  for (const { rule, tally } of run.tallies.rules) {
    const source = { filter: toRuleFilter(rule, run.now), order: toRuleOrder(rule) };
    for await (const page of listPages(run, source)) {
      tally.add(await remove(run, page, { kind: rule.kind, reason: rule.name }));
      run.onProgress({ step: 'rule', count: tally.mediaCount });
    }
    run.taken.push((record) => matches(source.filter, record));
  }
}

async function keepBudgets(run: Run): Promise<void> {
  for (const budget of run.tallies.budgets) {
    const { kinds, origins } = toBudgetFilter(budget);
    const { mediaBytes } = await run.metadata.getUsage({ filter: { kinds, origins, userIds: [] } }, callLimits.whole(run));
    const usedBytes = mediaBytes - budget.passedBytes;
    if (usedBytes > budget.maxBytes) await evict(run, budget, usedBytes - Math.floor(budget.maxBytes * TARGET));
    budget.excessBytes = Math.max(0, usedBytes - budget.tally.freedBytes - budget.maxBytes);
  }
}

async function evict(run: Run, budget: CountedBudget, excessBytes: number): Promise<void> {
  const { kind, tenant, tally } = budget;
  const filter = toBudgetFilter(budget);
  const removal = { kind, reason: tenant === undefined ? 'budget' : `${tenant}: budget` };
  let last: MediaRecord | undefined;
  for await (const page of listPages(run, { filter, order: MediaOrder.LAST_ACCESS })) {
    for (let rest = page; rest.length > 0 && tally.freedBytes < excessBytes;) {
      const next = takeBytes(rest, excessBytes - tally.freedBytes);
      tally.add(await remove(run, next, removal));
      run.onProgress({ step: 'budget', count: tally.mediaCount, fraction: Math.min(1, tally.freedBytes / excessBytes) });
      last = next.at(-1);
      rest = rest.slice(next.length);
    }
    if (tally.freedBytes >= excessBytes) break;
  }
  run.taken.push((record) => last !== undefined && matches(filter, record) && !comesAfter(record, last));
}

/** Whether of two media of one origin the first comes behind the other in the order in which they are evicted. */
function comesAfter(record: MediaRecord, other: MediaRecord): boolean {
  const [use, otherUse] = [lastUseOf(record), lastUseOf(other)];
  return use === otherUse ? (record.key?.mediaId ?? '') > (other.key?.mediaId ?? '') : use > otherUse;
}

/** The first of some records, as many as it takes to reach so many bytes. */
function takeBytes(records: readonly MediaRecord[], bytes: number): readonly MediaRecord[] {
  let sum = 0;
  const count = records.findIndex((record) => (sum += sumBytes([record])) >= bytes) + 1;
  return count === 0 ? records : records.slice(0, count);
}

/** From where a page is taken. */
interface Source {
  readonly filter: MediaFilter;
  readonly order: MediaOrder;
}

async function* listPages(run: Run, source: Source): AsyncGenerator<readonly MediaRecord[]> {
  let after: string | undefined;
  do {
    const request = { ...source, after, limit: PAGE, descending: false, withTotal: false };
    const { records, next } = await run.metadata.listMedia(request, callLimits.batch(run));
    yield run.dryRun ? records.filter((record) => !run.taken.some((isTaken) => isTaken(record))) : records;
    after = next;
  } while (after !== undefined);
}
