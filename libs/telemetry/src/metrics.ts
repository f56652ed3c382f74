import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes, Histogram, Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Exemplars } from './exemplars.ts';
import { OPEN_METRICS, toOpenMetrics } from './open-metrics.ts';

export type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';

/** The metrics of one process. Labels come from closed sets only: never a media id, a user, a URL or a remote's name. */
export interface Metrics {
  readonly meter: Meter;
  /** Answers a Prometheus scrape; with exemplars to those who take OpenMetrics, while there are traces. */
  scrape(request: IncomingMessage, response: ServerResponse): Promise<void>;
  shutdown(): Promise<void>;
}

const DURATION_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** The exemplars of the histograms that a meter has made. */
const exemplarsOf = new WeakMap<Meter, Exemplars>();

export function createMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  // no scope and no target: they would say the same in every line
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter('medley');
  const exemplars = new Exemplars();
  exemplarsOf.set(meter, exemplars);
  return {
    meter,
    async scrape(request, response) {
      const text = serializer.serialize((await exporter.collect()).resourceMetrics);
      const isOpen = request.headers.accept?.includes(OPEN_METRICS) === true;
      response.setHeader('content-type', `${isOpen ? `${OPEN_METRICS}; version=1.0.0` : 'text/plain; version=0.0.4'}; charset=utf-8`);
      response.end(isOpen ? toOpenMetrics(text, exemplars) : text);
    },
    shutdown: () => provider.shutdown(),
  };
}

/** A histogram of seconds. What it records within a trace that is told may be shown as an exemplar of its bucket. */
export function durationHistogram(meter: Meter, name: string, description: string, buckets: readonly number[] = DURATION_BUCKETS_S): Histogram {
  const histogram = meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: [...buckets] } });
  const note = exemplarsOf.get(meter)?.of(name, buckets);
  if (note === undefined) return histogram;
  return {
    record(value: number, attributes: Attributes = {}) {
      histogram.record(value, attributes);
      note(value, attributes);
    },
  };
}
