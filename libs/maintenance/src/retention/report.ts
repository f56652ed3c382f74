import type { RetentionConfig, RetentionRule } from '@medley/config/retention';
import type { MediaRecord } from '@medley/proto/metadata/media';

/** What a rule or a budget has removed; in a dry run what it would. */
export interface Removed {
  readonly mediaCount: number;
  /** The sum of their sizes, as if each had bytes of its own. */
  readonly mediaBytes: number;
}

export interface RuleReport extends Removed {
  readonly name: string;
  readonly kind: RetentionRule['kind'];
}

export interface BudgetReport extends Removed {
  readonly kind: 'remote' | 'local';
  readonly maxBytes: number;
  /** What is still too much, though nothing else of it may be removed. */
  readonly excessBytes: number;
}

export interface RetentionReport {
  /** In the order in which they are applied. */
  readonly rules: readonly RuleReport[];
  /** Those that have a limit. */
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
  excessBytes = 0;
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

/** The tallies of a whole run, which are there from its beginning. */
export class Tallies {
  readonly rules: readonly { readonly rule: RetentionRule; readonly tally: Tally }[];
  readonly budgets: readonly { readonly kind: BudgetReport['kind']; readonly maxBytes: number; readonly tally: Tally }[];

  constructor({ rules, max_remote_bytes, max_local_bytes }: RetentionConfig, isTold?: (record: MediaRecord) => boolean) {
    this.rules = rules.map((rule) => ({ rule, tally: new Tally(isTold) }));
    const limits = [{ kind: 'remote', maxBytes: max_remote_bytes }, { kind: 'local', maxBytes: max_local_bytes }] as const;
    this.budgets = limits.filter(({ maxBytes }) => maxBytes > 0).map((limit) => ({ ...limit, tally: new Tally(isTold) }));
  }

  toReport(isComplete: boolean): RetentionReport {
    return {
      rules: this.rules.map(({ rule: { name, kind }, tally: { mediaCount, mediaBytes } }) => ({ name, kind, mediaCount, mediaBytes })),
      budgets: this.budgets.map(({ kind, maxBytes, tally: { mediaCount, mediaBytes, excessBytes } }) => ({ kind, maxBytes, mediaCount, mediaBytes, excessBytes })),
      isComplete,
    };
  }
}

export function sumBytes(records: readonly MediaRecord[]): number {
  return records.reduce((sum, { content }) => sum + (content?.sizeBytes ?? 0), 0);
}
