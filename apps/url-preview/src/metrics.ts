import { FETCH_OUTCOMES, type FetchOutcome } from '@medley/safe-fetch/fetch-policy';
import type { Turns } from '@medley/streams/turns';
import { measureOutcomes, type Measure } from '@medley/telemetry/measure';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { countOutcomes } from '@medley/telemetry/outcomes';

/** Counts and times previews (the outcome is `made` or the reason one failed for), and shows how many are being made. */
export function previewMetrics(meter: Meter, turns: Turns): Measure {
  const duration = durationHistogram(meter, 'medley.url_preview.duration', 'How long making one preview took, the wait for its turn included');
  meter
    .createObservableGauge('medley.url_preview.working', { description: 'Previews that are being made now' })
    .addCallback((gauge) => gauge.observe(turns.working));
  meter
    .createObservableGauge('medley.url_preview.queued', { description: 'Previews that wait for their turn' })
    .addCallback((gauge) => gauge.observe(turns.waiting));
  return measureOutcomes(duration, 'made', 'make url preview');
}

/** Counts what goes out to the Internet: `answered`, or why not. */
export function countFetches(meter: Meter): (outcome: FetchOutcome) => void {
  return countOutcomes(meter, { name: 'medley.url_preview.requests', description: 'Requests to pages and for images, with their redirects, by how they went', label: 'outcome', values: FETCH_OUTCOMES });
}
