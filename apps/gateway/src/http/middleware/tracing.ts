import type { IncomingMessage } from 'node:http';
import { isTracing, openSpan } from '@medley/telemetry/spans';
import type { Middleware } from 'koa';
import type { RequestFacts } from './access-log.ts';
import { toKnownMethod } from './known-method.ts';

/**
 * Makes every request a span, from which all that is done for it descends. It goes on with the requester's trace (W3C Trace
 * Context, `traceparent`) only where that is to be trusted: else anybody could have us tell of everything they do.
 */
export function tracing(trustsTraceparent: boolean): Middleware {
  return async (context, next) => {
    const parent = trustsTraceparent ? traceparentOf(context.req) : undefined;
    const span = openSpan({ name: toKnownMethod(context.method), kind: 'server', facts: { 'http.request.method': toKnownMethod(context.method) }, parent });
    if (span === undefined) return next();
    try {
      await span.run(next);
    } finally {
      const { res, state } = context;
      const route = String(state['operation'] ?? 'unknown');
      span.rename(`${toKnownMethod(context.method)} ${route}`);
      span.note({ 'http.route': route, 'http.response.status_code': res.statusCode });
      if (res.statusCode >= 500) span.fail(String(res.statusCode));
      span.end();
    }
  };
}

/** The same for an answer that was given without all that, and is over. */
export function traceAnswer({ method, operation, status, startedAt }: RequestFacts): void {
  const facts = { 'http.request.method': method, 'http.route': operation, 'http.response.status_code': status, 'medley.hot': true };
  openSpan({ name: `${method} ${operation}`, kind: 'server', facts, startedAt })?.end();
}

/** Whether a request goes on with a trace of its requester. */
export function isTracedByRequester(request: IncomingMessage, trustsTraceparent: boolean): boolean {
  return isTracing() && trustsTraceparent && traceparentOf(request) !== undefined;
}

function traceparentOf({ headers }: IncomingMessage): string | undefined {
  return typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined;
}
