import { callLimits } from './call-limits.ts';
import { BATCH, type JobContext } from './job.ts';

export interface ExpireReport {
  /** Reserved media ids that were removed; in a dry run those that would be, of which at most 1000 are counted. */
  readonly expired: number;
}

/** Removes reserved media ids that lapsed more than `pending_grace` ago. */
export async function expire(context: JobContext): Promise<ExpireReport> {
  const { metadata, settings, dryRun, onProgress } = context;
  const lapsedBeforeMs = Date.now() - settings.pending_grace;
  let expired = 0;
  for (;;) {
    const { expiredCount } = await metadata.expirePending({ lapsedBeforeMs, limit: BATCH, dryRun }, callLimits.batch(context));
    expired += expiredCount;
    onProgress({ step: 'expire', count: expired });
    if (dryRun || expiredCount === 0) return { expired };
  }
}
