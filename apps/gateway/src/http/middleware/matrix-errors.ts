import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';
import type { Context, Middleware } from 'koa';
import { HomeserverRefusal } from '../errors/homeserver-refusal.ts';
import { toMatrixError } from '../errors/matrix-error.ts';
import { MEDIA_SECURITY_HEADERS } from '../respond/security-headers.ts';
import { answerThenLinger } from '../respond/linger.ts';

/** Failures that somebody who runs Medley has to look at; all others are the requester's. */
const OURS: ReadonlySet<MediaErrorReason> = new Set<MediaErrorReason>([
  'BLOB_CORRUPT', 'HOMESERVER_UNAVAILABLE', 'INTERNAL', 'SERVICE_UNAVAILABLE', 'STORAGE_FULL', 'TIMED_OUT',
]);

/** What a handler had said of the media that it then could not send. */
const MEDIA_HEADERS = ['ETag', 'Accept-Ranges', 'Content-Type', 'Content-Disposition', 'Content-Length'];

/** Answers every failure in Matrix's form. Stands before Koa's own handling, which would drop all headers. */
export function matrixErrors(log: Logger): Middleware {
  return async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.state['broken'] = context.res.headersSent || context.res.destroyed;
      logFailure(log, context, error);
      if (context.state['broken'] === true) context.res.destroy();
      else answerError(context, error);
    }
  };
}

function answerError(context: Context, error: unknown): void {
  const { status, headers, body } = toMatrixError(error);
  for (const name of MEDIA_HEADERS) context.remove(name);
  if (status !== 416) context.remove('Content-Range');
  context.respond = true;
  context.set({ ...MEDIA_SECURITY_HEADERS, 'Cache-Control': 'no-store', ...headers });
  context.status = status;
  if (context.req.complete) context.body = body;
  else answerThenLinger(context, JSON.stringify(body));
}

function logFailure(log: Logger, context: Context, error: unknown): void {
  if (error instanceof HomeserverRefusal) return;
  if (error instanceof MediaError) {
    if (OURS.has(error.reason)) log.warn({ err: error, reason: error.reason }, 'request failed');
  } else if (context.state['broken'] === true) {
    log.info({ reason: error instanceof Error ? error.message : String(error) }, 'an answer broke off');
  } else {
    log.error({ err: error }, 'request failed unexpectedly');
  }
}
