import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { openSpan } from '@medley/telemetry/spans';
import { ClientError, Metadata, ServerError, Status, type CallOptions, type ClientMiddleware, type ServerMiddleware } from 'nice-grpc-common';
import { TRACEPARENT_HEADER } from './trailer-names.ts';

/** Few, since there are many methods. */
const BUCKETS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/**
 * Counts and times the calls a service answers, by OpenTelemetry's RPC names, and makes each a span of its caller's trace.
 * Stands outside of the error translation.
 */
export function callMetrics(meter: Meter, service: string): ServerMiddleware {
  const duration = durationHistogram(meter, 'rpc.server.call.duration', 'How long RPCs took', BUCKETS_S);
  let runningCount = 0;
  meter.createObservableGauge('medley.rpc.running', { description: 'RPCs that are being answered now' }).addCallback((gauge) => gauge.observe(runningCount, { service }));
  return async function* measureCall(call, context) {
    const startedAt = performance.now();
    const facts = toFacts(call.method.path);
    const span = openSpan({ name: facts['rpc.method'], kind: 'server', facts, parent: context.metadata.get(TRACEPARENT_HEADER) });
    span?.enter();
    let status: Status = Status.OK;
    runningCount += 1;
    try {
      return yield* call.next(call.request, context);
    } catch (error) {
      status = error instanceof ServerError ? error.code : Status.CANCELLED;
      throw error;
    } finally {
      runningCount -= 1;
      endSpan(span, status);
      duration.record((performance.now() - startedAt) / 1000, { ...facts, 'rpc.status_code': Status[status] });
    }
  };
}

/** The same for the calls that are made. Tells the callee of the trace; our own services are never strangers. */
export function clientCalls(meter: Meter | undefined): ClientMiddleware {
  const duration = meter && durationHistogram(meter, 'rpc.client.call.duration', 'How long RPCs to other services took', BUCKETS_S);
  return async function* measureCall(call, options) {
    const startedAt = performance.now();
    const facts = toFacts(call.method.path);
    const span = openSpan({ name: facts['rpc.method'], kind: 'client', facts });
    let status: Status = Status.OK;
    try {
      const traced: CallOptions = span === undefined ? options : { ...options, metadata: Metadata(options.metadata).set(TRACEPARENT_HEADER, span.traceparent) };
      return yield* call.next(call.request, traced);
    } catch (error) {
      status = error instanceof ClientError ? error.code : Status.CANCELLED;
      throw error;
    } finally {
      endSpan(span, status);
      duration?.record((performance.now() - startedAt) / 1000, { ...facts, 'rpc.status_code': Status[status] });
    }
  };
}

function toFacts(path: string) {
  return { 'rpc.system.name': 'grpc', 'rpc.method': path.slice(1) } as const;
}

function endSpan(span: ReturnType<typeof openSpan>, status: Status): void {
  span?.note({ 'rpc.status_code': Status[status] });
  if (status !== Status.OK) span?.fail(Status[status]);
  span?.end();
}
