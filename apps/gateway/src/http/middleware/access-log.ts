import type { Logger } from '@medley/telemetry/logger';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Middleware } from 'koa';

/** One line for every request, when its answer has ended; no query, no token, no names. */
export function accessLog(log: Logger, meter: Meter): Middleware {
  const duration = durationHistogram(meter, 'http.server.request.duration', 'How long HTTP requests took');
  return async (context, next) => {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const seconds = (performance.now() - startedAt) / 1000;
      const operation = context.state['operation'] ?? 'unknown';
      const status = context.res.headersSent ? context.res.statusCode : context.status;
      duration.record(seconds, { 'http.request.method': context.method, 'http.route': operation, 'http.response.status_code': status });
      log.info({ method: context.method, operation, status, duration_ms: Math.round(seconds * 1000), aborted: context.res.destroyed }, 'request');
    }
  };
}
