import { MediaError } from '@medley/domain/media-error';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Turns } from './turns.ts';

/** Times one preview; its outcome is `made` or the reason it failed for. */
export type Measure = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Counts and times previews, and shows how many are being made. */
export function previewMetrics(meter: Meter, turns: Turns): Measure {
  const duration = durationHistogram(meter, 'medley.url_preview.duration', 'How long making one preview took, the wait for its turn included');
  meter
    .createObservableGauge('medley.url_preview.working', { description: 'Previews that are being made now' })
    .addCallback((gauge) => gauge.observe(turns.working));
  return async function measure(work) {
    const startedAt = performance.now();
    let outcome = 'made';
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof MediaError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      duration.record((performance.now() - startedAt) / 1000, { outcome });
    }
  };
}
