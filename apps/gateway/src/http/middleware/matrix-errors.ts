import { MediaError } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';
import type { Context, Middleware } from 'koa';
import { toMatrixError } from '../errors/matrix-error.ts';
import { MEDIA_SECURITY_HEADERS } from '../respond/security-headers.ts';
import { lingerThenClose } from '../respond/linger.ts';

/** What a handler had said of the media that it then could not send. */
const MEDIA_HEADERS = ['ETag', 'Accept-Ranges', 'Content-Type', 'Content-Disposition', 'Content-Length'];

/** Answers every failure in Matrix's form. Stands before Koa's own handling, which would drop all headers. */
export function matrixErrors(log: Logger): Middleware {
  return async (context, next) => {
    try {
      await next();
    } catch (error) {
      logFailure(log, context, error);
      if (context.res.headersSent || context.res.destroyed) context.res.destroy();
      else answerError(context, error);
    }
  };
}

function answerError(context: Context, error: unknown): void {
  const { status, headers, body } = toMatrixError(error);
  for (const name of MEDIA_HEADERS) context.remove(name);
  context.respond = true;
  context.set({ ...MEDIA_SECURITY_HEADERS, 'Cache-Control': 'no-store', ...headers });
  context.status = status;
  context.body = body;
  if (!context.req.complete) lingerThenClose(context.req, context.res);
}

function logFailure(log: Logger, context: Context, error: unknown): void {
  if (context.res.destroyed && !context.res.writableFinished) {
    log.info({ err: error }, 'the requester left, or its answer broke off');
  } else if (!(error instanceof MediaError) && !(error instanceof Error && error.name === 'HomeserverRefusal')) {
    log.error({ err: error }, 'request failed unexpectedly');
  } else if (toMatrixError(error).status >= 500) {
    log.warn({ err: error, cause: error.cause }, 'request failed');
  }
}
