import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import { expire } from './expire.ts';
import type { JobContext } from './job.ts';
import { maintenanceMetrics, type MaintenanceMetrics } from './maintenance-metrics.ts';
import type { RetentionTerms } from './retention/plan.ts';
import { retain } from './retention/retain.ts';
import type { ScheduledJob } from './schedule.ts';
import { scrub } from './scrub.ts';
import { MAX_TOLD, type ScrubReport } from './scrub-report.ts';
import { sweep } from './sweep.ts';

export interface ScheduledJobsOptions extends Pick<JobContext, 'metadata' | 'storage' | 'stores' | 'settings'>, RetentionTerms {
  readonly log: Logger;
  readonly meter: Meter;
}

/** The jobs that a process which runs everything does by itself: expiring and sweeping, retention, and scrubbing without repair. */
export function scheduledJobs({ meter, retention, homeservers, ...options }: ScheduledJobsOptions): ScheduledJob[] {
  const { log, settings } = options;
  const metrics = maintenanceMetrics(meter);
  const contextOf = (signal: AbortSignal): JobContext => ({ ...options, signal, dryRun: false, onProgress: () => {} });
  const jobs: ScheduledJob[] = [
    { name: 'sweep', everyMs: settings.sweep_interval, run: (signal) => expireAndSweep(contextOf(signal), metrics) },
    { name: 'retention', everyMs: retention.interval, run: (signal) => keepRetention(contextOf(signal), { retention, homeservers }, metrics) },
    { name: 'scrub', everyMs: settings.scrub_interval, run: async (signal) => tellScrub(await scrub(contextOf(signal), { concurrency: 1 }), log, metrics) },
  ];
  return jobs.filter(({ everyMs }) => everyMs > 0);
}

async function expireAndSweep(context: JobContext, metrics: MaintenanceMetrics): Promise<void> {
  const expired = await expire(context);
  metrics.expired(expired);
  const swept = await sweep(context);
  metrics.swept(swept);
  context.log.info({ job: 'sweep', ...expired, ...swept }, 'maintenance done');
}

async function keepRetention(context: JobContext, terms: RetentionTerms, metrics: MaintenanceMetrics): Promise<void> {
  const { log } = context;
  const report = await retain({ ...context, ...terms });
  if (report === undefined) return log.info({ job: 'retention' }, 'another process does this now');
  metrics.retained(report);
  log.info({ job: 'retention', ...report }, 'maintenance done');
  const exceeded = report.budgets.filter(({ excessBytes }) => excessBytes > 0);
  if (exceeded.length > 0) log.warn({ budgets: exceeded }, 'media lies above its budget, and nothing else of it may be removed');
}

function tellScrub({ findings, ...report }: ScrubReport, log: Logger, metrics: MaintenanceMetrics): void {
  metrics.scrubbed(report);
  log.info({ job: 'scrub', ...report }, 'maintenance done');
  if (report.unrepairedDamage > 0) log.error({ ...report.counts, findings: findings.slice(0, MAX_TOLD) }, 'media is lost or damaged');
}
