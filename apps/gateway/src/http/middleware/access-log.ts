import type { Logger } from '@medley/telemetry/logger';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import type { Context, Middleware } from 'koa';
import { noteFirstByte } from './first-byte.ts';
import { toKnownMethod } from './known-method.ts';

export interface RequestFacts {
  readonly method: string;
  /** The route's name; never the path. */
  readonly operation: string;
  readonly status: number;
  /** By the monotonic clock, in milliseconds. */
  readonly startedAt: number;
  /** Whether the connection went before the answer was whole. */
  readonly isBroken: boolean;
  /** Where it is not the current one. */
  readonly requestId?: string;
  /** When the head of the answer went out, where it was not at once. */
  readonly firstByteAt?: number | undefined;
}

export type RecordRequest = (facts: RequestFacts) => void;

/** Counts and logs requests: one line each. */
export function requestRecorder(log: Logger, meter: Meter): RecordRequest {
  // every field of these lines comes from a closed set, so none has to be searched for secrets
  const lines = log.child({}, { redact: [] });
  const duration = durationHistogram(meter, 'http.server.request.duration', 'How long HTTP requests took');
  const firstByte = durationHistogram(meter, 'medley.http.first_byte', 'How long requesters of media waited for the first byte of it');
  return ({ method: given, operation, status, startedAt, isBroken, requestId, firstByteAt }) => {
    const method = toKnownMethod(given);
    const ms = performance.now() - startedAt;
    duration.record(ms / 1000, { 'http.request.method': method, 'http.route': operation, 'http.response.status_code': status });
    if (firstByteAt !== undefined && isBytes(method, status)) firstByte.record((firstByteAt - startedAt) / 1000, { 'http.route': operation });
    lines.info({ method, operation, status, duration_ms: Math.round(ms), ...(isBroken && { broken: true }), ...(requestId !== undefined && { request_id: requestId }) }, 'request');
  };
}

/** Whether an answer carries what was asked for, and not just what has become of it. */
function isBytes(method: string, status: number): boolean {
  return method === 'GET' && (status === 200 || status === 206);
}

/** One line for every request, when its answer has ended; no query, no token, no names. */
export function accessLog(record: RecordRequest): Middleware {
  return async (context, next) => {
    const startedAt = performance.now();
    const firstByteAt = noteFirstByte(context.res);
    try {
      await next();
    } finally {
      record({
        method: context.method,
        operation: context.state['operation'] ?? 'unknown',
        status: statusOf(context),
        startedAt,
        isBroken: context.state['broken'] === true,
        firstByteAt: firstByteAt(),
      });
    }
  };
}

/** For requesters who left before they had an answer, as nginx says it. */
const LEFT_STATUS = 499;

function statusOf(context: Context): number {
  if (context.res.headersSent) return context.res.statusCode;
  return context.state['broken'] === true ? LEFT_STATUS : context.status;
}
