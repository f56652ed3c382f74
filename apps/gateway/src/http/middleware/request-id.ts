import { randomUUID } from 'node:crypto';
import { runForRequest } from '@medley/telemetry/request-id';
import type { Middleware } from 'koa';

const ACCEPTED = /^[\w.:-]{1,128}$/;

/** Gives every request an id: the proxy's, if it sent a sane one. It stands in the answer and in every log line. */
export const requestId: Middleware = async (context, next) => {
  const given = context.get('X-Request-Id');
  const id = ACCEPTED.test(given) ? given : randomUUID();
  context.set('X-Request-Id', id);
  await runForRequest(id, next);
};
