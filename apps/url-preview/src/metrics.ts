import { measureOutcomes, type Measure } from '@medley/telemetry/measure';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Turns } from './turns.ts';

/** Counts and times previews (the outcome is `made` or the reason one failed for), and shows how many are being made. */
export function previewMetrics(meter: Meter, turns: Turns): Measure {
  const duration = durationHistogram(meter, 'medley.url_preview.duration', 'How long making one preview took, the wait for its turn included');
  meter
    .createObservableGauge('medley.url_preview.working', { description: 'Previews that are being made now' })
    .addCallback((gauge) => gauge.observe(turns.working));
  return measureOutcomes(duration, 'made');
}
