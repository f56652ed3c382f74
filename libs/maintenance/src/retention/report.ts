import type { RetentionRule } from '@medley/config/retention';
import type { MediaRecord } from '@medley/proto/metadata/media';
import { planBudgets, planRules, type Budget, type PlannedRule, type RetentionTerms } from './plan.ts';

/** What a rule or a budget has removed; in a dry run what it would. */
export interface Removed {
  readonly mediaCount: number;
  /** The sum of their sizes, as if each had bytes of its own. */
  readonly mediaBytes: number;
}

export interface RuleReport extends Removed {
  /** That of a tenant's rule begins with the tenant's name. */
  readonly name: string;
  readonly kind: RetentionRule['kind'];
  /** Whose rule it is; absent: it is for all. */
  readonly tenant?: string;
}

export interface BudgetReport extends Budget, Removed {
  /** What is still too much, though nothing else of it may be removed. */
  readonly excessBytes: number;
}

export interface RetentionReport {
  /** In the order in which they are applied. */
  readonly rules: readonly RuleReport[];
  /** Those that have a limit, in the order in which they are kept. */
  readonly budgets: readonly BudgetReport[];
  /** False: the time was over before all was counted. */
  readonly isComplete: boolean;
}

/** Counts what one rule or one budget takes. */
export class Tally implements Removed {
  mediaCount = 0;
  mediaBytes = 0;
  /** Of all, told or not. */
  freedBytes = 0;
  readonly #isTold: (record: MediaRecord) => boolean;

  constructor(isTold: (record: MediaRecord) => boolean = () => true) {
    this.#isTold = isTold;
  }

  add(records: readonly MediaRecord[]): void {
    const told = records.filter(this.#isTold);
    this.mediaCount += told.length;
    this.mediaBytes += sumBytes(told);
    this.freedBytes += sumBytes(records);
  }
}

export interface CountedRule extends PlannedRule {
  readonly tally: Tally;
}

export interface CountedBudget extends Budget {
  readonly tally: Tally;
  /** Of what it counts, how much a dry run has passed over, which a run would have removed by then. */
  passedBytes: number;
  excessBytes: number;
}

/** The tallies of a whole run, which are there from its beginning. */
export class Tallies {
  readonly rules: readonly CountedRule[];
  readonly budgets: readonly CountedBudget[];

  constructor(terms: RetentionTerms, isTold?: (record: MediaRecord) => boolean) {
    this.rules = planRules(terms).map((one) => ({ ...one, tally: new Tally(isTold) }));
    this.budgets = planBudgets(terms).map((one) => ({ ...one, tally: new Tally(isTold), passedBytes: 0, excessBytes: 0 }));
  }

  toReport(isComplete: boolean): RetentionReport {
    return {
      rules: this.rules.map(({ rule: { name, kind }, tally, ...whose }) => ({ name, kind, ...whose, ...toRemoved(tally) })),
      budgets: this.budgets.map(({ tally, excessBytes, passedBytes: _, ...budget }) => ({ ...budget, ...toRemoved(tally), excessBytes })),
      isComplete,
    };
  }
}

function toRemoved({ mediaCount, mediaBytes }: Removed): Removed {
  return { mediaCount, mediaBytes };
}

export function sumBytes(records: readonly MediaRecord[]): number {
  return records.reduce((sum, { content }) => sum + (content?.sizeBytes ?? 0), 0);
}
