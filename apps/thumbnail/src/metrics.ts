import { measureOutcomes, type Measure } from '@medley/telemetry/measure';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Slots } from './slots.ts';

/** What tells an operator, or an autoscaler, how busy the service is. */
export interface ThumbnailMetrics {
  /** Waiting for a slot; `BUSY` counts those who were refused. */
  readonly measureWait: Measure;
  /** Reading the source and decoding it. */
  readonly measureJob: Measure;
}

/**
 * Shows the slots, and times waits and jobs. `saturation` is what to scale by: work there is for each slot, so that 1
 * means that all are busy and none waits.
 */
export function thumbnailMetrics(meter: Meter, slots: Slots): ThumbnailMetrics {
  const observe = (name: string, description: string, read: () => number): void => {
    meter.createObservableGauge(`medley.thumbnail.${name}`, { description }).addCallback((gauge) => gauge.observe(read()));
  };
  observe('slots.limit', 'Slots there are', () => slots.total);
  observe('slots.busy', 'Slots that make thumbnails now', () => slots.busy);
  observe('queue.length', 'Thumbnails that wait for a slot', () => slots.queued);
  observe('saturation', 'Thumbnails being made or waited for, by the number of slots', () => (slots.busy + slots.queued) / slots.total);
  return {
    measureWait: timer(meter, 'wait', 'How long work waited for a slot'),
    measureJob: timer(meter, 'job', 'How long reading and decoding one source took'),
  };
}

function timer(meter: Meter, name: string, description: string): Measure {
  return measureOutcomes(durationHistogram(meter, `medley.thumbnail.${name}.duration`, description), 'done', `thumbnail ${name}`);
}
