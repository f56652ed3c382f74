import type { Meter } from '@medley/telemetry/metrics';
import type { ScrubReport } from './scrub-report.ts';
import type { SweepReport } from './sweep.ts';

/** What scheduled jobs tell the operator's alerts. */
export interface MaintenanceMetrics {
  swept(report: SweepReport): void;
  scrubbed(report: Omit<ScrubReport, 'findings'>): void;
}

export function maintenanceMetrics(meter: Meter): MaintenanceMetrics {
  const lastSuccess = meter.createGauge('medley.maintenance.last_success_timestamp_seconds', { description: 'When a job last ended well' });
  const removed = meter.createCounter('medley.maintenance.removed_blobs', { description: 'Blobs that sweeps have removed' });
  const freed = meter.createCounter('medley.maintenance.freed_bytes', { description: 'Bytes that sweeps have freed' });
  const damaged = meter.createGauge('medley.maintenance.damaged', { description: 'Digests that the last scrub found to be wrong, by kind' });
  const succeed = (job: 'sweep' | 'scrub'): void => lastSuccess.record(Date.now() / 1000, { job });
  return {
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
