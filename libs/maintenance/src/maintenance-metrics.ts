import type { Meter } from '@medley/telemetry/metrics';
import type { ExpireReport } from './expire.ts';
import { nameBudget } from './retention/plan.ts';
import type { Removed, RetentionReport } from './retention/report.ts';
import type { ScrubReport } from './scrub-report.ts';
import type { SweepReport } from './sweep.ts';

/** What scheduled jobs tell the operator's alerts. */
export interface MaintenanceMetrics {
  expired(report: ExpireReport): void;
  retained(report: RetentionReport): void;
  swept(report: SweepReport): void;
  scrubbed(report: Omit<ScrubReport, 'findings'>): void;
}

export function maintenanceMetrics(meter: Meter): MaintenanceMetrics {
  const lastSuccess = meter.createGauge('medley.maintenance.last_success_timestamp_seconds', { description: 'When a job last ended well' });
  const purged = meter.createCounter('medley.maintenance.purged_media', { description: 'Deleted media that has left the trash' });
  const retiredMedia = meter.createCounter('medley.maintenance.retired_media', { description: 'Media that rules and budgets of retention have removed' });
  const retiredBytes = meter.createCounter('medley.maintenance.retired_bytes', { description: 'The sizes of that media; sweeps free what of it nobody needs' });
  const excess = meter.createGauge('medley.maintenance.excess_bytes', { description: 'What lies above a budget of retention and may not be removed' });
  const removed = meter.createCounter('medley.maintenance.removed_blobs', { description: 'Blobs that sweeps have removed' });
  const freed = meter.createCounter('medley.maintenance.freed_bytes', { description: 'Bytes that sweeps have freed' });
  const damaged = meter.createGauge('medley.maintenance.damaged', { description: 'Digests that the last scrub found to be wrong, by kind' });
  const succeed = (job: 'sweep' | 'scrub' | 'retention'): void => lastSuccess.record(Date.now() / 1000, { job });
  const retire = (rule: string, { mediaCount, mediaBytes }: Removed): void => {
    retiredMedia.add(mediaCount, { rule });
    retiredBytes.add(mediaBytes, { rule });
  };
  return {
    expired(report) {
      purged.add(report.purged);
    },
    retained({ rules, budgets }) {
      succeed('retention');
      for (const rule of rules) retire(rule.name, rule);
      for (const budget of budgets) {
        const { kind, tenant, excessBytes } = budget;
        retire(nameBudget(budget), budget);
        excess.record(excessBytes, { kind, ...(tenant !== undefined && { tenant }) });
      }
    },
    swept(report) {
      succeed('sweep');
      removed.add(report.removed);
      freed.add(report.freedBytes);
    },
    scrubbed({ counts, knownLost }) {
      succeed('scrub');
      for (const [kind, count] of Object.entries(counts)) damaged.record(count, { kind });
      damaged.record(knownLost, { kind: 'known-lost' });
    },
  };
}
