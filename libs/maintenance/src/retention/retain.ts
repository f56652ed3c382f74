import { withLease } from '../lease.ts';
import type { JobContext } from '../job.ts';
import { applyRetention } from './apply-retention.ts';
import type { RetentionReport } from './report.ts';
import type { RetentionContext } from './run.ts';

export interface RetainContext extends RetentionContext {
  readonly metadata: JobContext['metadata'];
}

const LEASE = { name: 'maintenance/retention', ttlMs: 60_000 };

/** Applies the rules and budgets, unless another process does so now: then it answers `undefined`. A dry run harms nobody, and waits for nobody. */
export async function retain(context: RetainContext): Promise<RetentionReport | undefined> {
  if (context.dryRun) return applyRetention(context);
  let report: RetentionReport | undefined;
  const apply = async (signal: AbortSignal): Promise<void> => void (report = await applyRetention({ ...context, signal }));
  await withLease(context.metadata, { ...LEASE, holder: crypto.randomUUID() }, apply, context.signal);
  return report;
}
