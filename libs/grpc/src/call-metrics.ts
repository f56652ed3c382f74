import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { ServerError, Status, type ServerMiddleware } from 'nice-grpc-common';

/** Counts and times the calls a service answers, by OpenTelemetry's RPC names. Stands outside of the error translation. */
export function callMetrics(meter: Meter): ServerMiddleware {
  const duration = durationHistogram(meter, 'rpc.server.call.duration', 'How long RPCs took');
  return async function* measureCall(call, context) {
    const startedAt = performance.now();
    let status: Status = Status.OK;
    try {
      return yield* call.next(call.request, context);
    } catch (error) {
      status = error instanceof ServerError ? error.code : Status.CANCELLED;
      throw error;
    } finally {
      duration.record((performance.now() - startedAt) / 1000, {
        'rpc.system.name': 'grpc',
        'rpc.method': call.method.path.slice(1),
        'rpc.status_code': Status[status],
      });
    }
  };
}
