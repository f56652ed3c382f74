import type { IncomingMessage } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import type { Middleware } from 'koa';
import { headerValues } from '../parse/headers.ts';

/** Refuses requests that two servers could read in two ways, which Node takes: they serve to smuggle other requests past a proxy. */
export const requestShape: Middleware = (context, next) => {
  const fault = findFault(context.req);
  if (fault !== undefined) throw new MediaError('INVALID_PARAM', fault);
  return next();
};

function findFault(request: IncomingMessage): string | undefined {
  const encodings = headerValues(request, 'transfer-encoding');
  if (headerValues(request, 'host').length > 1) return 'More than one Host header';
  if (!request.url?.startsWith('/')) return 'The request target must be a path';
  if (encodings.length === 0) return undefined;
  if (request.httpVersion === '1.0') return 'HTTP/1.0 has no Transfer-Encoding';
  return encodings.length === 1 && encodings[0]?.toLowerCase() === 'chunked' ? undefined : 'The only Transfer-Encoding taken is chunked';
}
