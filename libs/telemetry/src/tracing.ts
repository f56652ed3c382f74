import { useTracer } from './spans.ts';

export interface TracingOptions {
  readonly service: string;
  /** The base URL of an OTLP/HTTP receiver; `/v1/traces` is added. */
  readonly endpoint: string;
  /** The part of the traces that are told, of those that begin here: 0 to 1. Traces that others began are told as they say. */
  readonly ratio: number;
  /** How many spans may wait to be sent; beyond, they are dropped. */
  readonly maxQueued: number;
}

/** What tells of this process's work. */
export interface Tracing {
  /** Sends what is left, for at most a few seconds, and ends. Never rejects: nobody's work depends on traces. */
  shutdown(): Promise<void>;
}

const MAX_BATCH = 256;
const SEND_EVERY_MS = 2000;
const SEND_TIMEOUT_MS = 3000;
const MAX_VALUE_LENGTH = 128;

/**
 * From now on spans are sent to an OTLP receiver, in the background and many at once. A receiver that is away or slow costs
 * the spans that no longer fit into the queue, and nothing else. What it needs is loaded here, so that a process without
 * traces does not pay for it. `OTEL_EXPORTER_OTLP_HEADERS` may name headers for the receiver.
 */
export async function startTracing({ service, endpoint, ratio, maxQueued }: TracingOptions): Promise<Tracing> {
  const [{ BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([import('@opentelemetry/sdk-trace'), import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources')]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: SEND_TIMEOUT_MS, concurrencyLimit: 2 });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'medley' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH, attributeCountLimit: 16, eventCountLimit: 0, linkCountLimit: 0 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter, maxQueueSize: maxQueued, maxExportBatchSize: Math.min(MAX_BATCH, maxQueued), scheduledDelayMillis: SEND_EVERY_MS, exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  useTracer(provider.getTracer('medley'));
  return {
    async shutdown() {
      useTracer(undefined);
      await provider.shutdown().catch(() => {}); // what could not be sent is lost, as announced
    },
  };
}
