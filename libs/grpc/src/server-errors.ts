import { MediaError } from '@medley/domain/media-error';
import { isAbortError } from 'abort-controller-x';
import { ServerError, type CallContext, type ServerMiddleware } from 'nice-grpc-common';
import type { Logger } from '@medley/telemetry/logger';
import { REASON_TO_STATUS } from './reason-to-status.ts';
import { PUSHBACK_TRAILER, REASON_TRAILER, RETRY_AFTER_TRAILER } from './trailer-names.ts';

/** Turns what a handler throws into a status and trailers. Whatever is not a MediaError is a bug: logged here, and told as INTERNAL. */
export function serverErrors(log: Logger): ServerMiddleware {
  return async function* translateErrors(call, context) {
    try {
      return yield* call.next(call.request, context);
    } catch (error) {
      if (error instanceof ServerError || isAbortError(error)) throw error;
      throw toServerError(toMediaError(error, call.method.path, context, log), context);
    }
  };
}

function toMediaError(error: unknown, path: string, context: CallContext, log: Logger): MediaError {
  if (error instanceof MediaError) return error;
  if (context.signal.aborted) return new MediaError('TIMED_OUT', 'The caller gave up or its time ran out', { cause: error });
  log.error({ err: error, rpc: path }, 'rpc failed unexpectedly');
  return new MediaError('INTERNAL', 'Internal error', { cause: error });
}

function toServerError(error: MediaError, context: CallContext): ServerError {
  context.trailer.set(REASON_TRAILER, error.reason);
  // a handler that answers has decided; only a peer that is lost is worth another try at once
  context.trailer.set(PUSHBACK_TRAILER, '-1');
  if (error.retryAfterMs !== undefined) context.trailer.set(RETRY_AFTER_TRAILER, String(error.retryAfterMs));
  return new ServerError(REASON_TO_STATUS[error.reason], error.message);
}
