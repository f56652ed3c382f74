import type { TrashTimes } from '@medley/config/trash-times';
import type { MediaRecord } from '@medley/proto/metadata/media';
import type { JobContext } from '../job.ts';
import type { RetentionTerms } from './plan.ts';
import type { Tallies } from './report.ts';

export interface RetentionContext extends Pick<JobContext, 'onProgress' | 'signal' | 'dryRun'>, RetentionTerms {
  readonly metadata: Pick<JobContext['metadata'], 'listMedia' | 'listMediaUses' | 'deleteMedia' | 'getUsage'>;
  /** When it aborts, what has been done until then is the answer. */
  readonly until?: AbortSignal;
  /** Which media the report tells of; absent: all. */
  readonly isTold?: (record: MediaRecord) => boolean;
}

/** Retention as it is applied once. */
export interface Run extends RetentionContext {
  readonly now: number;
  readonly trashOf: TrashTimes;
  readonly tallies: Tallies;
  /** What earlier rules and budgets have taken. In a dry run it is still there, and must not be taken again. */
  readonly taken: ((record: MediaRecord) => boolean)[];
}
