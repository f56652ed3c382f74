import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Histogram, Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';

/** The metrics of one process. Labels come from closed sets only: never a media id, a user, a URL or a remote's name. */
export interface Metrics {
  readonly meter: Meter;
  /** Answers a Prometheus scrape. */
  scrape(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

const DURATION_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  return {
    meter: provider.getMeter('medley'),
    scrape: (request, response) => exporter.getMetricsRequestHandler(request, response),
    shutdown: () => provider.shutdown(),
  };
}

/** A histogram of seconds. */
export function durationHistogram(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: DURATION_BUCKETS_S } });
}
