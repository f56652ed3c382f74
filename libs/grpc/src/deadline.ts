import { MediaError } from '@medley/domain/media-error';
import { TimeLimit } from '@medley/streams/abort';
import { Metadata, type CallOptions, type ClientMiddleware, type ServerMiddleware } from 'nice-grpc-common';
import { TIMEOUT_HEADER } from './trailer-names.ts';

/** Added to the options of every call. */
export interface DeadlineOptions {
  /** How long the whole call may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Gives every call a deadline, tells the callee what is left, and fails with TIMED_OUT when it passes. */
export function clientDeadline(defaultTimeoutMs: number): ClientMiddleware<DeadlineOptions> {
  return async function* limitTime(call, { timeoutMs = defaultTimeoutMs, ...options }) {
    const metadata = Metadata(options.metadata).set(TIMEOUT_HEADER, String(Math.ceil(timeoutMs)));
    using limit = new TimeLimit(timeoutMs);
    const signal = options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]);
    try {
      return yield* call.next(call.request, { ...options, metadata, signal } satisfies CallOptions);
    } catch (error) {
      if (error instanceof MediaError || !limit.hasPassed || options.signal?.aborted === true) throw error;
      throw new MediaError('TIMED_OUT', `${call.method.path} took longer than ${timeoutMs} ms`, { cause: error });
    }
  };
}

/** Aborts the handler's signal when the caller's time has passed, also if the caller's cancellation gets lost. */
export const serverDeadline: ServerMiddleware = async function* keepDeadline(call, context) {
  const timeoutMs = Number(context.metadata.get(TIMEOUT_HEADER));
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) return yield* call.next(call.request, context);
  using limit = new TimeLimit(timeoutMs);
  return yield* call.next(call.request, { ...context, signal: AbortSignal.any([context.signal, limit.signal]) });
};
