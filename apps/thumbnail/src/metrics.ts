import { MediaError } from '@medley/domain/media-error';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Slots } from './slots.ts';

/** Times one job; its outcome is `made` or the reason it failed for. */
export type MeasureJob = <Value>(job: () => Promise<Value>) => Promise<Value>;

/** Shows how busy the slots are. */
export function observeSlots(meter: Meter, slots: Slots): void {
  meter
    .createObservableGauge('medley.thumbnail.slots.busy', { description: 'Slots that make thumbnails now' })
    .addCallback((gauge) => gauge.observe(slots.busy));
  meter
    .createObservableGauge('medley.thumbnail.queue.length', { description: 'Thumbnails that wait for a slot' })
    .addCallback((gauge) => gauge.observe(slots.queued));
}

/** Counts and times jobs: reading the source and decoding it, without the wait for a slot. */
export function jobMetrics(meter: Meter): MeasureJob {
  const duration = durationHistogram(meter, 'medley.thumbnail.job.duration', 'How long reading and decoding one source took');
  return async function measureJob(job) {
    const startedAt = performance.now();
    let outcome = 'made';
    try {
      return await job();
    } catch (error) {
      outcome = error instanceof MediaError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      duration.record((performance.now() - startedAt) / 1000, { outcome });
    }
  };
}
