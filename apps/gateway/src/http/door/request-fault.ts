import type { IncomingMessage } from 'node:http';
import { MediaError } from '@medley/domain/media-error';
import { headerValues } from '../parse/headers.ts';
import { makeRefusal, toRefusal, type Refusal } from './refuse.ts';

/** These ask for nothing that a body could say. */
const WITHOUT_BODY = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

const TOO_LONG = makeRefusal(414);

/**
 * The answer to a request whose target is too long, or that Node takes although two servers could read it in two ways: such
 * serve to smuggle other requests past a proxy.
 */
export function findRequestFault(request: IncomingMessage, maxUrlBytes: number): Refusal | undefined {
  if ((request.url?.length ?? 0) > maxUrlBytes) return TOO_LONG;
  const fault = describeFault(request);
  return fault === undefined ? undefined : toRefusal(new MediaError('INVALID_PARAM', fault));
}

function describeFault(request: IncomingMessage): string | undefined {
  const { method = '', url = '', headers } = request;
  if (!url.startsWith('/')) return 'The request target must be a path';
  if (url.includes('#')) return 'The request target must have no fragment';
  if (headerValues(request, 'host').length > 1) return 'More than one Host header';
  const isCoded = headers['transfer-encoding'] !== undefined;
  if (WITHOUT_BODY.includes(method) && (isCoded || Number(headers['content-length'] ?? 0) > 0)) return `${method} has no body`;
  return isCoded ? findCodingFault(request) : undefined;
}

function findCodingFault(request: IncomingMessage): string | undefined {
  if (request.httpVersion === '1.0') return 'HTTP/1.0 has no Transfer-Encoding';
  const encodings = headerValues(request, 'transfer-encoding');
  return encodings.length === 1 && encodings[0]?.toLowerCase() === 'chunked' ? undefined : 'The only Transfer-Encoding taken is chunked';
}
